"""What happens where a disk has no room: one line, the answer all the same where there is a way, and nothing lost."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Costsim
from tests.ingest.logs import calls

from costsim.ingest.kept.writer import Writer


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
@pytest.mark.parametrize("command", ["--version", "audit log.jsonl"])
def test_a_full_disk_is_one_line_and_no_bug(folder: Path, command: str) -> None:
    (folder / "log.jsonl").write_bytes(calls(1))
    with Path("/dev/full").open("w") as full:
        line = [sys.executable, "-m", "costsim", *command.split()]
        end = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert end.returncode == 2
    (said,) = end.stderr.splitlines()
    assert said.endswith("cannot be written: No space left on device")


@pytest.mark.parametrize("step", ["_write", "_lay_out"])
@pytest.mark.parametrize("elsewhere", [True, False])
def test_where_calls_have_no_room_the_answer_is_given_without_keeping_them(
    costsim: Costsim, folder: Path, monkeypatch: pytest.MonkeyPatch, step: str, elsewhere: bool
) -> None:
    (folder / "log.jsonl").write_bytes(calls(3))
    before = costsim("audit", "log.jsonl", "--format", "json")
    (folder / "log.jsonl").write_bytes(calls(4))
    works = getattr(Writer, step)

    def full(self: Writer, *arguments: Any) -> Any:
        if elsewhere and not self.folder.is_relative_to(folder):
            return works(self, *arguments)
        raise OSError("9 requested and 0 written")  # as numpy says it

    monkeypatch.setattr(Writer, step, full)
    end = costsim("audit", "log.jsonl", "--format", "json")
    (said,) = end.said
    assert said.endswith("No space left on device")
    assert (end.code, '"calls": 4' in end.out) == ((0, True) if elsewhere else (2, False))
    assert said.startswith("the calls are not kept for a next run: ") == elsewhere
    assert sorted(path.name for path in (folder / ".costsim").iterdir()) == [".gitignore", "last"]
    assert costsim("audit", "--format", "json").out == before.out, "the last run that was kept"


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the system cannot reserve room")
@pytest.mark.parametrize("lever", ["prompt_cache: {simulate: true}", "response_cache: {ttl: 1h}"])
def test_columns_on_a_disk_have_their_room_before_they_are_written(
    costsim: Costsim, folder: Path, monkeypatch: pytest.MonkeyPatch, lever: str
) -> None:
    (folder / "log.jsonl").write_bytes(calls(3))
    route = "rules: [{name: all, route: {model: gpt-5.4-mini}}]"
    (folder / "policy.yaml").write_text(f"version: 1\nname: cached\nlevers: {{{lever}}}\n{route}\n")
    line = ("simulate", "log.jsonl", "--policy", "policy.yaml", "--no-controls")
    assert costsim(*line).code == 0

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)  # a write would end the process by a signal
    end = costsim(*line)
    assert (end.code, end.out) == (2, "")
    assert end.said[-1].endswith("cannot be written: No space left on device")
