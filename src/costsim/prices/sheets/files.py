"""Finding price files, shipped and the user's, and what they add up to."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import xxhash

from costsim.errors import ConfigError, nearest

SHIPPED = Path(__file__).parents[2] / "pricing"


class Source(msgspec.Struct, frozen=True):
    """One price file, read but not understood yet."""

    path: Path
    content: bytes
    shipped: bool

    @property
    def text(self) -> str:
        """The file's text; a ConfigError where it is not UTF-8."""
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            raise ConfigError(f"cannot be read: {problem}", where=str(self.path)) from problem


def sources(extra: Sequence[Path] = ()) -> list[Source]:
    """Return the shipped files, then the user's in their order; a folder stands for its YAML files."""
    shipped = [Source(path, path.read_bytes(), True) for path in sorted(SHIPPED.glob("*.yaml"))]
    return shipped + [_user_source(path) for given in extra for path in _files(given)]


def fingerprint(found: Iterable[Source]) -> str:
    """Return a hash over the names and contents of files."""
    state = xxhash.xxh3_128()
    for source in found:
        state.update(f"{source.path.name}\0{source.shipped}\0{len(source.content)}\0".encode())
        state.update(source.content)
    return state.hexdigest()


def _files(given: Path) -> list[Path]:
    if given.is_dir():
        found = sorted(path for path in given.iterdir() if path.suffix in (".yaml", ".yml"))
        if not found:
            raise ConfigError("no price file in this folder", where=str(given), hint="*.yaml")
        return found
    return [given]


def _user_source(path: Path) -> Source:
    try:
        return Source(path, path.read_bytes(), False)
    except OSError as problem:
        beside = [other.name for other in path.parent.glob("*.y*ml")]
        hint = nearest(path.name, beside) if beside else ""
        raise ConfigError(f"cannot be read: {problem.strerror}", where=str(path), hint=hint) from problem


def named(found: Sequence[Source]) -> tuple[str, ...]:
    """Return what reports call the files: the shipped ones together, and each of the user's."""
    return ("shipped", *(str(source.path) for source in found if not source.shipped))
