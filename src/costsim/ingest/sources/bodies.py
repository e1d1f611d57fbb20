"""Bodies that Bedrock's invocation log keeps in files of their own: large ones lie in the folder `data` beside the log.

They are no logs themselves, but look like answers that someone kept; what they say goes with the entry that names them.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from costsim.formats.bedrock import log as bedrock_log
from costsim.ingest.containers import compression

_FOLDER = "data"
_NAME = re.compile(r"(?:input|output).*\.json(?:\.gz)?")
_LONGEST = 1 << 26
"""Bytes of a body; more is media, and no text."""
_NAMED = b"BodyS3Path"

Read = Callable[[bytes], Any]


def is_body(path: Path, logs: Iterable[tuple[Path, tuple[str, ...]]]) -> bool:
    """Whether a file holds a body of an entry of one of the logs, which are paths with the formats found in them."""
    if path.parent.name != _FOLDER or not _NAME.search(path.name):
        return False
    beside = path.parent.parent
    return any(each.parent == beside and bedrock_log.NAME in formats for each, formats in logs)


def joined(read: Read, log: Path) -> Read:
    """Return a function that reads the entries of a log with their bodies, where these lie beside it."""
    folder = log.parent / _FOLDER
    if not folder.is_dir():
        return read
    return lambda record: read(_filled(record, folder) if _NAMED in record else record)


def _filled(record: bytes, folder: Path) -> bytes:
    entry = msgspec.json.decode(record)
    for side in ("input", "output"):
        held = entry.get(side) if isinstance(entry, dict) else None
        place = held.get(f"{side}BodyS3Path") if isinstance(held, dict) else None
        if isinstance(held, dict) and isinstance(place, str):
            held.setdefault(f"{side}BodyJson", _body(folder / place.rpartition("/")[2]))
    return msgspec.json.encode(entry)


def _body(path: Path) -> Any:
    """What a file holds; None where it is not there, or no JSON."""
    try:
        with compression.opened(path) as stream:
            return msgspec.json.decode(stream.read(_LONGEST))
    except (OSError, *compression.DAMAGE, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
