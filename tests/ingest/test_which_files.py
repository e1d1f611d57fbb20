"""What a user's paths come to: each file once, in a fixed order, and in words what is no log."""

import io
import os
import sys
import threading
from pathlib import Path

import pytest
from tests.ingest.logs import calls

from costsim.errors import LogError, UsageError
from costsim.ingest.sources.found import Found, find


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def found(tmp_path: Path, *logs: str) -> Found:
    spool = tmp_path / "spool"
    spool.mkdir(exist_ok=True)
    return find(logs, spool)


def names(found: Found) -> list[str]:
    return [source.name for source in found.sources]


def test_a_file_named_twice_and_by_a_link_is_read_once(folder: Path, tmp_path: Path) -> None:
    (folder / "a.jsonl").write_bytes(calls(1))
    (folder / "b.jsonl").symlink_to("a.jsonl")
    assert names(found(tmp_path, "a.jsonl", "b.jsonl", "./a.jsonl", "*.jsonl", ".")) == ["a.jsonl"]


def test_links_that_go_in_a_circle_end(folder: Path, tmp_path: Path) -> None:
    (folder / "in").mkdir()
    (folder / "a.jsonl").write_bytes(calls(1))
    for name in ("x", "y", "z"):
        (folder / "in" / name).symlink_to(folder)
    assert len(found(tmp_path, ".").sources) == 1


def test_a_folder_is_read_in_the_order_of_names_without_hidden_files(folder: Path, tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", ".hidden.jsonl", "in/c.jsonl", ".costsim/d.jsonl"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(calls(1))
    assert names(found(tmp_path, str(folder))) == [str(folder / name) for name in ("a.jsonl", "b.jsonl", "in/c.jsonl")]


def test_a_glob_finds_files_and_looks_into_folders(folder: Path, tmp_path: Path) -> None:
    for name in ("2026-09/a.jsonl", "2026-10/b.jsonl", "2026-10.jsonl"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(calls(1))
    assert names(found(tmp_path, "2026-*")) == ["2026-09/a.jsonl", "2026-10/b.jsonl", "2026-10.jsonl"]
    assert names(found(tmp_path, "**/*.jsonl")) == ["2026-09/a.jsonl", "2026-10.jsonl", "2026-10/b.jsonl"]


def test_a_name_with_brackets_that_exists_is_no_glob(folder: Path, tmp_path: Path) -> None:
    (folder / "log[1].jsonl").write_bytes(calls(1))
    assert names(found(tmp_path, "log[1].jsonl")) == ["log[1].jsonl"]


@pytest.mark.parametrize(
    ("log", "what"),
    [
        ("missing.jsonl", "no such file or folder"),
        ("no*match", "nothing matches"),
        ("a**b", "nothing matches"),
        ("x" * 300, "cannot be read: File name too long"),
        ("empty", r"no logs found \(the folder holds no files\)"),
        ("texts", r"no logs found \(the only file, texts/a.txt: no known log format"),
        ("dangling", "no such file or folder"),
    ],
)
def test_what_is_no_log_is_named_with_the_reason(folder: Path, tmp_path: Path, log: str, what: str) -> None:
    (folder / "empty").mkdir()
    (folder / "texts").mkdir()
    (folder / "texts" / "a.txt").write_text("hello")
    (folder / "dangling").symlink_to("nowhere")
    with pytest.raises(LogError, match=what) as problem:
        found(tmp_path, log)
    assert str(problem.value).startswith(log)


def test_an_empty_name_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="an empty name"):
        found(tmp_path, "")


def test_a_name_that_is_no_utf_8_is_shown_in_ascii(folder: Path, tmp_path: Path) -> None:
    (folder / os.fsdecode(b"log\xff.jsonl")).write_bytes(calls(1))
    assert names(found(tmp_path, ".")) == ["log\\xff.jsonl"]


def test_a_file_that_may_not_be_read_is_skipped_in_a_folder_and_an_error_by_name(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.jsonl").write_bytes(calls(1))
    (folder / "secret.jsonl").write_bytes(calls(1))
    opened = Path.open

    def refuse(path: Path, *rest: object, **named: object) -> object:  # as root every file may be read
        if path.name == "secret.jsonl":
            raise PermissionError(13, "Permission denied")
        return opened(path, *rest, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    assert found(tmp_path, ".").skipped == ["secret.jsonl: not permitted (check who may read it)"]
    with pytest.raises(LogError, match=r"secret\.jsonl: not permitted"):
        found(tmp_path, "secret.jsonl")


def test_standard_input_is_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(calls(2))))
    log = found(tmp_path, "-", "-")
    assert names(log) == ["standard input"]
    assert log.size == len(calls(2))


def test_a_closed_standard_input_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(LogError, match="standard input: is closed"):
        found(tmp_path, "-")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_that_can_be_read_only_once_is_a_log(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(folder / "pipe")
    writer = threading.Thread(target=lambda: (folder / "pipe").write_bytes(calls(2)))
    writer.start()
    log = found(tmp_path, "pipe")
    writer.join()
    assert (names(log), log.size) == (["pipe"], len(calls(2)))
