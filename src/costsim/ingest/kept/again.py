"""Whether the calls of the last run are those that are asked for once more."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from costsim import __version__
from costsim.errors import CostsimError
from costsim.ingest import hashing
from costsim.ingest.kept import store
from costsim.ingest.kept.store import Store
from costsim.ingest.sources import files
from costsim.ingest.sources.files import Stamp

MADE_BY = ("formats", "ingest", "schema", "tasks")
"""The rooms of this package that calls depend on, besides the modules that these stand on."""
_MODULES = ("decode.py", "tokens.py")
_KINDS = (".py", ".yaml", ".json")
_PACKAGE = Path(__file__).parents[2]


def fingerprint(looked_at: Sequence[Stamp], how: Sequence[object], made_of: str) -> str:
    """Return what calls depend on, in short: the files, how they are read, by which code, and with what else."""
    key = hashing.key_from_environment()
    return store.fingerprint([__version__, sorted(code()), list(looked_at), list(how), made_of, key])


def code() -> Iterator[Stamp]:
    """Yield every file that makes calls, as it is now: code in the making changes without another version."""
    folders = ((folder, names) for room in MADE_BY for folder, _, names in os.walk(_PACKAGE / room))
    inside = (Path(folder, name) for folder, names in folders for name in names if name.endswith(_KINDS))
    for path in (*inside, *(_PACKAGE / name for name in _MODULES)):
        with suppress(FileNotFoundError):  # as where a package is an archive
            yield files.stamp(path, path.name, path.stat())


def last_over(
    logs: Sequence[str], places: Sequence[str], home: Path, how: Sequence[object], made_of: str
) -> Store | None:
    """Return the last run of a folder if it was over the same files, unchanged and read the same way; else None."""
    known = store.last(home)
    if known is None:
        return None
    with suppress(OSError, CostsimError):  # whoever opens the logs will say what is wrong
        stamps = files.stamps(logs, places)
        if stamps is not None and known.manifest.fingerprint == fingerprint(stamps, how, made_of):
            return known
    return None
