"""Logs that a user names, or the calls of the last run where he names none."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from costsim.errors import UsageError
from costsim.formats.generic import read_mapping
from costsim.ingest import store
from costsim.ingest.collect import Options, collect
from costsim.ingest.store import Store
from costsim.tasks import Classifier, read_map

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Reading:
    """How the user wants logs to be read."""

    log_format: str | None = None
    mapping: Path | None = None
    tasks: Path | None = None
    workers: int | None = None
    home: Path | None = None
    """The folder whose `.costsim/` keeps the calls; None: the working folder."""


def calls_of(logs: Sequence[str], reading: Reading, progress: Progress = lambda done, total: None) -> Store:
    """Return the calls of the logs, or of the last run; every configuration file is read before the first log."""
    home = reading.home or Path.cwd()
    if not logs:
        known = store.last(home)
        if known is None:
            raise UsageError("no logs named, and none were read here before", hint="costsim audit LOGS...")
        return known
    mapping = read_mapping(reading.mapping) if reading.mapping else None
    user_map = read_map(reading.tasks) if reading.tasks else None
    made_of = store.fingerprint([_text(reading.mapping), _text(reading.tasks)])
    options = Options(reading.log_format, mapping, reading.workers)
    return collect(logs, home, Classifier(user_map), options, made_of, progress)


def _text(path: Path | None) -> str | None:
    return path.read_text(encoding="utf-8") if path else None


def is_terminal() -> bool:
    """Whether a person sees standard error as it is written."""
    return sys.stderr.isatty()
