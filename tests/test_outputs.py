"""What `--out` names: a file that is whole, and nothing that stood there taken away."""

import os
import stat
import threading
from pathlib import Path

import pytest

from costsim.errors import UsageError
from costsim.outputs import is_stream, whole

posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")


def write(path: Path, text: str) -> None:
    with whole(path) as place:
        place.write_text(text)


def test_a_file_is_there_whole_or_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write(path, "half \ud800")
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]
    assert path.read_text() == "old"


@posix
def test_a_link_stays_and_what_it_points_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "latest.json"
    link.symlink_to(Path("real") / "report.json")
    write(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "real" / "report.json").read_text() == "new"


@posix
def test_a_pipe_is_written_to_and_stays_one_though_its_reader_goes_away(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def look() -> None:
        with pipe.open("rb") as file:
            file.read(3)

    reader = threading.Thread(target=look)
    reader.start()
    write(pipe, "new" * 100_000)
    reader.join()
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]


@posix
def test_what_the_system_keeps_in_dev_is_a_stream_and_a_file_is_none(tmp_path: Path) -> None:
    assert is_stream(Path("/dev/stdout"))
    assert not is_stream(tmp_path / "not-there")
    assert not is_stream(tmp_path)


def test_what_the_system_refuses_is_a_mistake_with_the_name_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere.*cannot be written: No such file or directory"):
        write(tmp_path / "nowhere" / "report.json", "x")
