"""Logs that a user names, or the calls of the last run where he names none."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from costsim.errors import LogError, UsageError, nearest
from costsim.ingest.kept import store
from costsim.ingest.kept.store import Store

if TYPE_CHECKING:
    from costsim.ingest.collect import Options
    from costsim.tasks import Classifier

Progress = Callable[[int, int], None]


class Reading(msgspec.Struct, frozen=True):
    """How the user wants logs to be read."""

    log_format: str | None = None
    mapping: Path | None = None
    tasks: Path | None = None
    workers: int | None = None
    estimate_unfinished: bool = False
    """Whether output tokens that a log never finally states are estimated from the answer's text."""
    agents: bool = False
    """Whether the logs of coding agents in the user's home are read too."""
    home: Path | None = None
    """The folder whose `.costsim/` keeps the calls; None: the working folder."""
    keep: bool = True
    """False: the calls are gone when the run ends, and the last run in the folder stays the last."""

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked of how logs are read."""
        return self.is_usual and not self.estimate_unfinished and not self.agents

    @property
    def is_usual(self) -> bool:
        """Whether no format is named, and no file that says how to read."""
        return all(each is None for each in (self.log_format, self.mapping, self.tasks))


def calls_of(logs: Sequence[str], reading: Reading, progress: Progress = lambda _done, _total: None) -> Store:
    """Return the calls of the logs, or of the last run; every configuration file is read before the first log."""
    home = reading.home or Path.cwd()
    if not logs and reading.is_plain:
        return _last(home)
    places = tuple(str(path) for paths in agents_here().values() for path in paths) if reading.agents else ()
    if reading.keep and reading.is_usual and (known := _known(logs, places, home, reading)) is not None:
        return known
    from costsim.ingest.collect import collect  # what reads logs is not loaded to ask again about known calls

    options, classifier, made_of = _configured(reading)
    if not logs and not places:
        return _last(home)
    kept = home if reading.keep else None
    return collect(logs, kept, classifier, replace(options, places=places), made_of, progress)


def agents_here() -> dict[str, list[Path]]:
    """Return the places in the user's home where coding agents have logs, by agent; LogError where there is none."""
    from costsim.ingest.sources import agents

    found = agents.places()
    if not found:
        raise LogError("no agent has logs in the usual places", where="--agents", hint=agents.looked_at())
    return found


def where_agents_log(found: dict[str, list[Path]]) -> str:
    """Return in one line where the logs of agents are."""
    places = [
        f"{name} ({', '.join(_short(path) for path in paths[:3])}{_more(paths)})" for name, paths in found.items()
    ]
    return f"reading the logs of {', '.join(places)}"


def _short(path: Path) -> str:
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)


def _more(paths: list[Path]) -> str:
    return f" and {len(paths) - 3:,} more" if len(paths) > 3 else ""


def _last(home: Path) -> Store:
    known = store.last(home)
    if known is None:
        raise UsageError("no logs named, and none were read here before", hint="costsim audit LOGS...")
    return known


def _known(logs: Sequence[str], places: Sequence[str], home: Path, reading: Reading) -> Store | None:
    """The last run, if it was over these logs as they are: nothing that reads logs is loaded to find out."""
    from costsim.ingest.kept import again

    how = [reading.log_format, None, reading.estimate_unfinished]
    return again.last_over(logs, places, home, how, _made_of(reading))


def _made_of(reading: Reading) -> str:
    """A text that tells what the calls depend on besides the logs."""
    return store.fingerprint([_text(reading.mapping), _text(reading.tasks)])


def _configured(reading: Reading) -> "tuple[Options, Classifier, str]":
    """How to read, the classifier, and a text that tells of both: of what the calls depend on besides the logs."""
    from costsim.formats import FORMATS
    from costsim.formats.tables.generic import read_mapping
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
    return options, Classifier(user_map), _made_of(reading)


def _text(path: Path | None) -> str | None:
    return path.read_text(encoding="utf-8") if path else None
