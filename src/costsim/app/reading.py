"""Logs that a user names, or the calls of the last run where he names none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from costsim.errors import UsageError, nearest
from costsim.ingest import store
from costsim.ingest.store import Store

if TYPE_CHECKING:
    from costsim.ingest.collect import Options
    from costsim.tasks import Classifier

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Reading:
    """How the user wants logs to be read."""

    log_format: str | None = None
    mapping: Path | None = None
    tasks: Path | None = None
    workers: int | None = None
    estimate_unfinished: bool = False
    """Whether output tokens that a log never finally states are estimated from the answer's text."""
    home: Path | None = None
    """The folder whose `.costsim/` keeps the calls; None: the working folder."""

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked of how logs are read."""
        return self.log_format is None and self.mapping is None and self.tasks is None and not self.estimate_unfinished


def calls_of(logs: Sequence[str], reading: Reading, progress: Progress = lambda _done, _total: None) -> Store:
    """Return the calls of the logs, or of the last run; every configuration file is read before the first log."""
    home = reading.home or Path.cwd()
    if not logs and reading.is_plain:
        return _last(home)
    from costsim.ingest.collect import collect  # what reads logs is not loaded to ask again about known calls

    options, classifier, made_of = _configured(reading)
    return collect(logs, home, classifier, options, made_of, progress) if logs else _last(home)


def _last(home: Path) -> Store:
    known = store.last(home)
    if known is None:
        raise UsageError("no logs named, and none were read here before", hint="costsim audit LOGS...")
    return known


def _configured(reading: Reading) -> "tuple[Options, Classifier, str]":
    """How to read, the classifier, and a text that tells of both: of what the calls depend on besides the logs."""
    from costsim.formats import FORMATS
    from costsim.formats.generic import read_mapping
    from costsim.ingest.collect import Options
    from costsim.tasks import Classifier, read_map

    if reading.log_format is not None and reading.log_format not in FORMATS:
        hint = nearest(reading.log_format, FORMATS)
        raise UsageError(f"unknown log format '{reading.log_format}'", where="--log-format", hint=hint)
    mapping = read_mapping(reading.mapping) if reading.mapping else None
    user_map = read_map(reading.tasks) if reading.tasks else None
    options = Options(
        reading.log_format, mapping, reading.mapping, reading.workers, estimate_unfinished=reading.estimate_unfinished
    )
    return options, Classifier(user_map), store.fingerprint([_text(reading.mapping), _text(reading.tasks)])


def _text(path: Path | None) -> str | None:
    return path.read_text(encoding="utf-8") if path else None
