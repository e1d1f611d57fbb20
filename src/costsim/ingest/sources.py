"""Which files the user means, each once, in a fixed order."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from costsim.errors import LogError
from costsim.formats.generic import Mapping
from costsim.ingest import sniffing
from costsim.ingest.sniffing import Look

STDIN = "-"
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


def find(logs: Sequence[str], spool: Path, log_format: str | None = None, mapping: Mapping | None = None) -> Found:
    """Return the sources that files, folders, globs and '-' stand for.

    Standard input is copied into the folder `spool` first, so that it is read like any file. Raises LogError for a path
    that is missing, not permitted or, when it was named itself, of no known format.
    """
    found: Found = Found()
    seen: set[Path] = set()
    for path, name, named in _paths(logs, spool):
        identity = path.resolve()
        if identity in seen:
            continue
        seen.add(identity)
        try:
            found.sources.append(_source(path, name, log_format, mapping))
        except LogError as problem:
            if named:
                raise
            found.skipped.append(str(problem))
    if not found.sources:
        why = f"the only file, {found.skipped[0]}" if len(found.skipped) == 1 else f"{len(found.skipped)} files, none a log"
        raise LogError("no logs found", where=" ".join(logs), hint=why if found.skipped else "the folder holds no files")
    return found


def _source(path: Path, name: str, log_format: str | None, mapping: Mapping | None) -> Source:
    try:
        status = path.stat()
        return Source(path, name, status.st_size, status.st_mtime_ns, sniffing.look_at(path, name, log_format, mapping))
    except FileNotFoundError as problem:
        raise LogError("no such file or folder", where=name) from problem
    except PermissionError as problem:
        raise LogError("not permitted", where=name, hint="check who may read it") from problem


def _paths(logs: Sequence[str], spool: Path) -> Iterator[tuple[Path, str, bool]]:
    """Each file, its name, and whether the user named it himself."""
    for log in logs:
        path = Path(log)
        if log == STDIN:
            yield _spooled(spool), "standard input", True
        elif path.is_dir():
            yield from ((inner, str(inner), False) for inner in _inside(path))
        elif not path.exists() and _GLOB & set(log):
            yield from _matches(log)
        else:
            yield path, log, True


def _spooled(folder: Path) -> Path:
    path = folder / "stdin"
    with path.open("wb") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy, 1 << 20)
    return path


def _matches(pattern: str) -> Iterator[tuple[Path, str, bool]]:
    anchor = Path(pattern).anchor
    matches = sorted(match for match in Path(anchor).glob(pattern[len(anchor) :]) if match.is_file())
    if not matches:
        raise LogError("nothing matches", where=pattern)
    yield from ((match, str(match), len(matches) == 1) for match in matches)


def _inside(folder: Path) -> Iterator[Path]:
    try:
        children = sorted(folder.iterdir())
    except PermissionError as problem:
        raise LogError("not permitted", where=str(folder), hint="check who may read it") from problem
    for child in children:
        if child.name.startswith("."):
            continue
        if child.is_dir():
            yield from _inside(child)
        elif child.is_file():
            yield child
