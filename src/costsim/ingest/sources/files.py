"""Files that paths, folders and globs stand for, and whether they are still as they were. No file is opened here."""

import os
import stat
from collections.abc import Iterator, Sequence
from glob import glob
from itertools import chain
from pathlib import Path

from costsim.errors import LogError, UsageError

STDIN = "-"
_GLOB = set("*?[")

Stamp = tuple[str, str, int, int]
"""Where a file lies, its name as shown, its bytes, and when it was last written in ns."""


def stamp(identity: Path, name: str, status: os.stat_result) -> Stamp:
    """Return by what a file, of which `identity` is the path without links, is known to be the same again."""
    return repr(identity), name, status.st_size, status.st_mtime_ns


def stamps(logs: Sequence[str], places: Sequence[str]) -> list[Stamp] | None:
    """Return the stamps of all files that logs and places stand for; None where one must be opened to be known.

    Standard input and pipes give what they hold only once. Raises OSError, LogError or UsageError for what is no file.
    """
    found: dict[Path, Stamp] = {}
    for path, _ in chain(paths(logs), paths(places)):
        if path is None or not stat.S_ISREG((status := path.stat()).st_mode):
            return None
        identity = path.resolve()
        found.setdefault(identity, stamp(identity, shown(path), status))
    return [*found.values()]


def shown(path: Path) -> str:
    """Return a name that can be printed and encoded, other for every file, even where it is no UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def paths(logs: Sequence[str]) -> Iterator[tuple[Path | None, bool]]:
    """Yield each file, None for standard input, and whether the user named it himself."""
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
