"""Whether the calls of the last run are those that are asked for once more."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from costsim import __version__
from costsim.errors import CostsimError
from costsim.ingest import hashing
from costsim.ingest.kept import store
from costsim.ingest.kept.store import Store
from costsim.ingest.sources import files
from costsim.ingest.sources.files import Stamp


def fingerprint(looked_at: Sequence[Stamp], how: Sequence[object], made_of: str) -> str:
    """Return what calls depend on, in short: the files, how they are read, and with what else."""
    return store.fingerprint([__version__, list(looked_at), list(how), made_of, hashing.key_from_environment()])


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
