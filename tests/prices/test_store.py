"""The kept table: fast when it is there, and never believed when it is not whole."""

from pathlib import Path

import pytest

from costsim.prices import load, store

OWN = 'provider: own\nmodels: [{model: m, prices: [{rates: {input: "%s", output: "0"}}]}]'


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own, and no shipped files, so that compiling takes no time."""
    monkeypatch.setattr("costsim.prices.sheets.files.SHIPPED", tmp_path / "none")
    monkeypatch.setattr(store, "_cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def test_a_table_read_back_is_the_one_that_was_kept(kept: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OWN % 3)
    first, second = load([file]), load([file])
    assert len(list(kept.iterdir())) == 1
    assert first.rates.tolist() == second.rates.tolist()
    assert first.hash == second.hash
    assert second.facts(second.index_of("own", "m")).key == "own/m"
    assert second.sources == ("shipped", str(file))


def test_a_changed_file_is_compiled_anew(kept: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OWN % 3)
    first = load([file])
    file.write_text(OWN % 4)
    assert load([file]).rates.max() > first.rates.max()
    assert len(list(kept.iterdir())) == 2


def test_a_change_of_any_module_that_makes_tables_makes_them_anew() -> None:
    """Only what reads other projects' lists has no part in it."""
    room = Path(store.__file__).parent
    assert {path.parent for path in room.rglob("*.py")} - {room / "foreign"} == set(store.MADE_BY)


def test_only_the_newest_tables_are_kept(kept: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    for price in range(12):
        file.write_text(OWN % price)
        load([file])
    assert len(list(kept.iterdir())) == 8


@pytest.mark.parametrize("damage", [b"", b"\xff" * 100, b"\x10\0\0\0\0\0\0\0nonsense"])
def test_a_damaged_table_is_compiled_anew(kept: Path, tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OWN % 3)
    whole = load([file])
    (path,) = kept.iterdir()
    path.write_bytes(damage)
    assert load([file]).rates.tolist() == whole.rates.tolist()


def test_a_half_written_table_is_compiled_anew(kept: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OWN % 3)
    whole = load([file])
    (path,) = kept.iterdir()
    path.write_bytes(path.read_bytes()[:-200])
    assert load([file]).rates.tolist() == whole.rates.tolist()


def test_a_cache_folder_that_cannot_be_made_is_no_error(kept: Path, tmp_path: Path) -> None:
    kept.write_text("a file stands in the way")
    file = tmp_path / "own.yaml"
    file.write_text(OWN % 3)
    assert load([file]).index_of("own", "m") == 0


def test_equal_price_files_in_two_folders_are_each_named_by_their_own_path(tmp_path: Path) -> None:
    text = 'provider: acme\nmodels: [{model: one, prices: [{rates: {input: "1", output: "2"}}]}]\n'
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.yaml").write_text(text)
    found = [load((tmp_path / name / "mine.yaml",)).sources[-1] for name in ("first", "second")]
    assert found == [str(tmp_path / name / "mine.yaml") for name in ("first", "second")]
