"""Which files the user means, each once, in a fixed order."""

import shutil
import stat
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import chain
from pathlib import Path

import msgspec

from costsim.errors import LogError, is_full
from costsim.formats.tables.generic import Mapping
from costsim.ingest.sources import bodies, sniffing
from costsim.ingest.sources.files import Stamp, paths, shown, stamp
from costsim.ingest.sources.sniffing import Look

_STDIN_NAME = "standard input"


class Source(msgspec.Struct, frozen=True):
    """One file to read."""

    path: Path
    name: str
    """As shown, and as the ids of calls without an id are made from."""
    size: int
    """Bytes as they lay on the disk at the moment of looking; what is written later belongs to the next run."""
    look: Look


class Found(msgspec.Struct):
    """What the user's paths came to."""

    sources: list[Source] = msgspec.field(default_factory=list)
    skipped: list[str] = msgspec.field(default_factory=list)
    """Files inside folders that are no logs, each with why."""

    looked_at: list[Stamp] = msgspec.field(default_factory=list)
    """Every file, sources and skipped ones."""

    @property
    def size(self) -> int:
        """Bytes of all the sources on the disk."""
        return sum(source.size for source in self.sources)


def find(
    logs: Sequence[str],
    spool: Path,
    log_format: str | None = None,
    mapping: Mapping | None = None,
    places: Sequence[str] = (),
) -> Found:
    """Return the sources that files, folders, globs and '-' stand for, and those in `places`, which no one named.

    Standard input, and whatever else can be read only once, is copied into the folder `spool` first, so that it is read
    like any file. Raises LogError for a path that is missing, not permitted or, when it was named itself, of no known
    format.
    """
    found = Found()
    seen: set[Path] = set()
    for path, named in chain(paths(logs), ((path, False) for path, _ in paths(places))):
        try:
            _add(found, path, spool, seen, partial(sniffing.look_at, log_format=log_format, mapping=mapping))
        except LogError as problem:
            if named:
                raise
            found.skipped.append(str(problem))
    if not found.sources:
        raise LogError("no logs found", where=" ".join([*logs, *places]), hint=_why_none(found.skipped))
    return found


def _why_none(skipped: Sequence[str]) -> str:
    if not skipped:
        return "the folder holds no files"
    files = "the only file" if len(skipped) == 1 else f"{len(skipped)} files, none a log; the first"
    return f"{files}, {skipped[0]}"


def _add(found: Found, path: Path | None, spool: Path, seen: set[Path], look_at: Callable[[Path, str], Look]) -> None:
    """Add the source at a path, None for standard input, unless it is there already."""
    name = _STDIN_NAME if path is None else shown(path)
    try:
        path = _spooled(path, spool / ("stdin" if path is None else f"{len(seen)}"))
        identity = path.resolve()
        if identity not in seen:
            seen.add(identity)
            status = path.stat()
            found.looked_at.append(stamp(identity, name, status))
            if bodies.is_body(path, ((each.path, each.look.formats) for each in reversed(found.sources))):
                return
            found.sources.append(Source(path, name, status.st_size, look_at(path, name)))
    except FileNotFoundError as problem:
        raise LogError("no such file or folder", where=name) from problem
    except PermissionError as problem:
        raise LogError("not permitted", where=name, hint="check who may read it") from problem
    except OSError as problem:
        if is_full(problem):  # where it is copied to
            raise
        raise LogError(f"cannot be read: {problem.strerror or problem}", where=name) from problem


def _spooled(path: Path | None, copy: Path) -> Path:
    """A file that can be read twice: the path itself, or a copy of what it or standard input gives."""
    if path is not None:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            return path
    elif copy.exists():  # named twice
        return copy
    elif sys.stdin is None:
        raise LogError("is closed", where=_STDIN_NAME)
    with copy.open("wb") as out, nullcontext(sys.stdin.buffer) if path is None else path.open("rb") as stream:
        shutil.copyfileobj(stream, out, 1 << 20)
    return copy
