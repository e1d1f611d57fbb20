"""What `.costsim/` keeps: the calls of the last whole run, no text, and nothing of a run that did not end."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import Read
from tests.ingest.logs import call, calls, lines, message, with_usage

from costsim.app.reading import Reading, calls_of
from costsim.errors import LogError
from costsim.ingest import collect as collecting
from costsim.ingest import hashing
from costsim.ingest.collect import Options, collect
from costsim.ingest.kept import again, store
from costsim.ingest.kept import writer as store_writer
from costsim.ingest.sources import splits
from costsim.ingest.ties import links
from costsim.schema import SCHEMA
from costsim.tasks import Classifier

SECRET = "Zanzibar marmalade"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder that a user works in."""
    home = tmp_path / "home"
    home.mkdir()
    return home


def kept(home: Path) -> list[Path]:
    """Everything in the store's folder, at any depth."""
    return sorted((home / store.FOLDER).rglob("*"))


def test_the_same_logs_are_not_read_again(home: Path, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read(calls(3), home=home)
    monkeypatch.setattr(collecting, "_read", None)  # whoever reads fails
    assert read(home.parent / "log", home=home).table() == first.table()


def test_known_calls_are_asked_about_again_without_what_reads_logs(home: Path) -> None:
    (home / "log").write_bytes(calls(3))
    calls_of([str(home / "log")], Reading(home=home))
    code = (
        "import sys; from pathlib import Path; from costsim.app.reading import Reading, calls_of;"
        "store = calls_of([sys.argv[1]], Reading(home=Path(sys.argv[2])));"
        "print(store.manifest.calls, [name for name in sys.modules if name.startswith('costsim.formats')])"
    )
    asked = [sys.executable, "-c", code, str(home / "log"), str(home)]
    assert subprocess.run(asked, check=True, capture_output=True, text=True).stdout == "3 []\n"


@pytest.mark.parametrize("change", ["content", "time", "map", "key", "version", "code"])
def test_whatever_the_calls_depend_on_makes_them_be_read_again(
    home: Path, read: Read, change: str, monkeypatch: pytest.MonkeyPatch, classifier: Classifier
) -> None:
    first = read(calls(3), home=home).manifest.run
    log = home.parent / "log"
    made_of = ""
    if change == "content":
        log.write_bytes(calls(4))
    elif change == "time":
        os.utime(log, (1, 1))
    elif change == "map":
        made_of = "another map"
    elif change == "key":
        monkeypatch.setenv(hashing.KEY_VARIABLE, "mine")
    elif change == "version":
        monkeypatch.setattr(again, "__version__", "99")
    else:
        monkeypatch.setattr(again, "MADE_BY", again.MADE_BY[1:])
    assert collect([str(log)], home, classifier, Options(workers=1), made_of).manifest.run != first


def test_every_module_that_reads_logs_is_among_the_code_that_calls_depend_on(home: Path) -> None:
    (home / "log").write_bytes(calls(3))
    code = (
        "import sys; from pathlib import Path; from costsim.ingest.kept import again;"
        "from costsim.app.reading import Reading, calls_of;"
        "before = {*sys.modules};"
        "calls_of([sys.argv[1]], Reading(home=Path(sys.argv[2]), workers=1));"
        "known = {path for path, *_ in again.code()};"
        "new = [sys.modules[name] for name in {*sys.modules} - before if name.startswith('costsim.')];"
        "print({one.__name__.split('.')[1] for one in new if repr(Path(one.__file__)) not in known})"
    )
    asked = [sys.executable, "-c", code, str(home / "log"), str(home)]
    assert (
        subprocess.run(asked, check=True, capture_output=True, text=True).stdout == "{'engines'}\n"
    )  # whichever gives the same calls


def test_no_text_of_a_prompt_or_an_answer_is_kept(home: Path, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(hashing.KEY_VARIABLE, "a key that nobody may know")
    secret = call(1)
    secret["request"]["messages"] += [{"role": "user", "content": f"Summarise: {SECRET}"}]
    secret["request"]["tools"] = [{"type": "function", "function": {"name": "f", "description": SECRET}}]
    secret["response"]["choices"][0]["message"]["content"] = f"It says {SECRET}"
    failed = {**call(2), "response": {"error": {"message": f"too long: {SECRET}", "code": "context_length_exceeded"}}}
    broken = b'{"request": {"messages": [{"content": "%s' % SECRET.encode()
    log = read(lines(secret, failed, broken, f"not JSON but {SECRET}".encode()), home=home)
    assert log.source.calls == 2
    files = [path for path in kept(home) if path.is_file()]
    assert len(files) > 3
    words = [b"Zanzibar", b"marmalade", b"careful", b"Summarise", b"billing", b"nobody may know", *_key_in_decimal()]
    for path in files:
        content = path.read_bytes()
        for word in words:
            assert word not in content, (path.name, word)
    for row in log.rows():  # the Arrow files are packed, so that their bytes alone say little
        assert not [
            value for value in row.values() if isinstance(value, str) and ("Zanzibar" in value or "billing" in value)
        ]


def _key_in_decimal() -> list[bytes]:
    return [str(half).encode() for half in hashing.key_from_environment()]


def test_the_folder_keeps_itself_out_of_git(home: Path, read: Read) -> None:
    read(calls(1), home=home)
    assert (home / store.FOLDER / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("end", [KeyboardInterrupt, OSError])
@pytest.mark.parametrize("moment", ["write", "without_copies", "tie", "close"])
def test_a_run_that_does_not_end_leaves_the_last_one_whole(
    home: Path, read: Read, end: type[BaseException], moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read(calls(3), home=home).table()
    before = kept(home)

    def fail(*_: Any) -> None:
        raise end

    monkeypatch.setattr(store_writer.Writer, moment, fail)
    with pytest.raises(end):
        read(calls(5), home=home)
    assert kept(home) == before
    last = store.last(home)
    assert last is not None
    assert sum(batch.num_rows for batch in last.batches()) == first.num_rows


def test_one_run_takes_the_place_of_the_last(home: Path, read: Read) -> None:
    for count in (1, 2, 3):
        read(calls(count), home=home)
    assert [path.name for path in sorted((home / store.FOLDER).iterdir())] == [".gitignore", "last"]
    last = store.last(home)
    assert last is not None
    assert last.manifest.calls == 3


def test_a_run_that_another_one_overtakes_still_ends(home: Path, read: Read) -> None:
    slow = store_writer.Writer(home)
    read(calls(2), home=home)
    slow.close(store.Manifest(store.VERSION))
    last = store.last(home)
    assert last is not None
    assert last.manifest.calls == 0


def test_calls_that_another_run_replaced_are_never_mixed_up_with_its_own(home: Path, read: Read) -> None:
    first = read(calls(2), home=home)
    read(calls(5), home=home)
    with pytest.raises(LogError, match="replaced by another run"):
        first.rows()


@pytest.mark.parametrize("spoil", ["version", "manifest", "file", "folder"])
def test_a_store_that_is_not_whole_is_as_good_as_none(home: Path, read: Read, spoil: str) -> None:
    read(calls(2), home=home)
    folder = home / store.FOLDER / "last"
    if spoil == "version":
        manifest = (folder / "manifest.json").read_text()
        (folder / "manifest.json").write_text(manifest.replace(f'"version":{store.VERSION}', '"version":999', 1))
    elif spoil == "manifest":
        (folder / "manifest.json").write_bytes(b"\xff{")
    elif spoil == "file":
        next(folder.glob("*.arrow")).unlink()
    else:
        folder.rename(home / "elsewhere")
    assert store.last(home) is None
    assert read(home.parent / "log", home=home).source.calls == 2


def test_what_a_killed_run_left_is_removed_a_day_later(home: Path, read: Read) -> None:
    read(calls(1), home=home)
    old, new = home / store.FOLDER / "run-old", home / store.FOLDER / "run-new"
    for folder, age in ((old, 2 * 86_400), (new, 60)):
        folder.mkdir()
        os.utime(folder, (time.time() - age,) * 2)
    read(calls(2), home=home)
    assert (old.exists(), new.exists()) == (False, True)


def test_where_nothing_can_be_kept_nothing_is_left_anywhere(
    home: Path, tmp_path: Path, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / store.FOLDER).write_text("a file where the folder would be")
    (tmp_path / "log").write_bytes(calls(2))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    with collect([str(tmp_path / "log")], home, classifier, Options(workers=1)) as found:
        assert sum(batch.num_rows for batch in found.batches()) == 2
    assert list(temporary.iterdir()) == []
    assert store.last(home) is None


def test_only_the_columns_that_are_asked_for_are_read(home: Path, read: Read) -> None:
    (batch,) = read(calls(3), home=home).store.batches(["input_tokens", "model", "since_prefix_ms"])
    assert sorted(batch.column_names) == ["input_tokens", "model", "since_prefix_ms"]


def test_neighbouring_batches_read_as_one_are_what_each_of_them_holds(
    tmp_path: Path, home: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splits, "MOST_TOGETHER", 1)
    logs = tmp_path / "logs"
    logs.mkdir()
    for file in range(4):  # each file ends with calls that the next one holds too, and has a route of its own
        rows = [call(number, route=f"route-{file}") for number in range(file * 30, file * 30 + 32)]
        (logs / f"{file}.jsonl").write_bytes(lines(*rows))
    kept_calls = read(logs, home=home).store
    columns = [*SCHEMA.names, *links.NAMES]
    for first, end in ((0, 4), (1, 3), (2, 3)):
        one_by_one = [kept_calls.batch(number, columns) for number in range(first, end)]
        together = kept_calls.part(first, end, columns)
        assert together.to_pylist() == [row for batch in one_by_one for row in batch.to_pylist()]
    assert kept_calls.manifest.duplicates == 6
    assert [row["call_id"] for row in together.to_pylist()] == [f"chatcmpl-{number}" for number in range(62, 92)]


def test_a_fingerprint_tells_parts_apart_and_nothing_of_them() -> None:
    assert store.fingerprint(["a", 1]) != store.fingerprint(["a", 2])
    assert "secret" not in store.fingerprint(["secret"])


def test_small_files_that_are_read_together_are_what_each_of_them_holds(
    tmp_path: Path, home: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for file in range(9):  # answers that are read many at once, and in between a line that is not, and one of no call
        odd = with_usage(file * 10 + 3, {"prompt_tokens": "7", "completion_tokens": 1})
        rows = [call(file * 10), b"{", call(file * 10 + 2), odd, {"a": 1}] if file % 4 else [message(file)]
        (logs / f"{file}.jsonl").write_bytes(lines(*rows))
    together = read(logs, home=home)
    assert [batch.rows for batch in together.manifest.batches] == [1, 9, 1, 9, 1]
    monkeypatch.setattr(splits, "MOST_TOGETHER", 1)
    (tmp_path / "other").mkdir()
    apart = read(logs, home=tmp_path / "other")
    assert together.rows() == apart.rows()
    assert together.manifest.sources == apart.manifest.sources
    assert together.rejects == apart.rejects
    assert together.adds_up()
