"""The real command, in this process for speed: what it prints, and its exit code."""

import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from costsim.cli import main


@dataclass
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> list[str]:
        """What it said on standard error, line by line, without its name."""
        return [line.removeprefix("costsim: ") for line in self.err.splitlines()]


Costsim = Callable[..., Ended]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def costsim(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Costsim]:
    """A function that runs `costsim` with some arguments in an empty folder."""
    handlers = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def costsim(*arguments: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["costsim", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfd.readouterr()
        code = end.value.code
        assert isinstance(code, int)
        return Ended(code, out, err)

    assert folder.is_dir()
    yield costsim
    for name, handler in handlers.items():
        signal.signal(name, handler)
