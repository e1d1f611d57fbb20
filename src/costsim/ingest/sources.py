"""Which files the user means, each once, in a fixed order."""

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from glob import glob
from itertools import chain
from pathlib import Path

from costsim.errors import LogError, UsageError
from costsim.formats.tables.generic import Mapping
from costsim.ingest import sniffing
from costsim.ingest.sniffing import Look

STDIN = "-"
_STDIN_NAME = "standard input"
_GLOB = set("*?[")


@dataclass(frozen=True)
class Source:
    """One file to read."""

    path: Path
    name: str
    """As shown, and as the ids of calls without an id are made from."""
    size: int
    """Bytes as they lay on the disk at the moment of looking; what is written later belongs to the next run."""
    modified_ns: int
    look: Look


@dataclass
class Found:
    """What the user's paths came to."""

    sources: list[Source] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """Files inside folders that are no logs, each with why."""

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
    for path, named in chain(_paths(logs), ((path, False) for path, _ in _paths(places))):
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
    name = _STDIN_NAME if path is None else _shown(path)
    try:
        path = _spooled(path, spool / ("stdin" if path is None else f"{len(seen)}"))
        identity = path.resolve()
        if identity not in seen:
            seen.add(identity)
            status = path.stat()
            found.sources.append(Source(path, name, status.st_size, status.st_mtime_ns, look_at(path, name)))
    except FileNotFoundError as problem:
        raise LogError("no such file or folder", where=name) from problem
    except PermissionError as problem:
        raise LogError("not permitted", where=name, hint="check who may read it") from problem
    except OSError as problem:
        raise LogError(f"cannot be read: {problem.strerror or problem}", where=name) from problem


def _shown(path: Path) -> str:
    """A name that can be printed and encoded, other for every file, even where it is no UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _paths(logs: Sequence[str]) -> Iterator[tuple[Path | None, bool]]:
    """Each file, None for standard input, and whether the user named it himself."""
    for log in logs:
        if not log:
            raise UsageError("an empty name", where="LOGS", hint="is a variable of your shell not set?")
        if log == STDIN:
            yield None, True
        elif os.path.lexists(log) or not _GLOB & set(log):
            yield from _inside(Path(log), True, set())
        else:
            matches = sorted(glob(log, recursive=True))  # noqa: PTH207  knows every pattern that a shell does
            if not matches:
                raise LogError("nothing matches", where=log)
            for match in matches:
                yield from _inside(Path(match), len(matches) == 1, set())


def _inside(path: Path, named: bool, folders: set[Path]) -> Iterator[tuple[Path, bool]]:
    """The path, or every file inside where it is a folder; not twice in `folders`, for links may go in a circle."""
    if not os.path.isdir(path):  # noqa: PTH112  false, not an error, where it may not be looked at
        yield path, named
        return
    identity = path.resolve()
    if identity in folders:
        return
    folders.add(identity)
    try:
        children = sorted(path.iterdir())
    except PermissionError:
        yield path, named  # whoever opens it will say so
        return
    for child in children:
        if not child.name.startswith(".") and (os.path.isdir(child) or os.path.isfile(child)):  # noqa: PTH112, PTH113
            yield from _inside(child, False, folders)


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
