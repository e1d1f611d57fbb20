"""The log formats as a user sees them, and a first mapping for a log of none of them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import fill
from typing import Any

from costsim.errors import LogError
from costsim.formats import FORMATS, claimants, detect
from costsim.formats.tables import generic
from costsim.formats.tables.generic import mapping_yaml
from costsim.ingest.sources import sniffing


def listed() -> str:
    """Return the formats, each with how it is recognised."""
    width = max(len(name) for name in FORMATS) + 2
    lines = [fill(f"{name:<{width}}{each.ABOUT}", 100, subsequent_indent=" " * width) for name, each in FORMATS.items()]
    return "\n".join(lines) + "\n"


def detected(path: Path) -> str:
    """Return what a file is seen to be, and why: its packing and container, and who claims its first records."""
    with _readable(path):
        seen = sniffing.first_records(path, str(path))
    lines = [f"{path}: {_packed(seen.packing)}{_CONTAINERS.get(seen.container, seen.container)}"]
    total = len(seen.records)
    claims = Counter(name for record in seen.records for name in _names(record))
    for name, count in claims.most_common():
        about = fill(FORMATS[name].ABOUT, 96, initial_indent="    ", subsequent_indent="    ")
        lines.append(f"  {name}: {count:,} of the first {total:,} records\n{about}")
    return "\n".join([*lines, f"  {_verdict(path, seen.records, claims)}"]) + "\n"


_CONTAINERS = {
    "lines": "JSON Lines, a record a line",
    "documents": "JSON over several lines",
    "events": "a recorded stream of events",
    "csv": "CSV with a header",
    "parquet": "Parquet",
    "tar": "a tar archive of JSON files",
    "zip": "a zip archive of JSON files",
    "sqlite": "an SQLite database",
    "empty": "empty",
}


def _packed(packing: str | None) -> str:
    return f"packed with {packing}; " if packing else ""


def _names(record: dict[str, Any]) -> list[str]:
    """The formats that claim a record; the generic one only where no other does."""
    named = [each.NAME for each in claimants(record)]
    return named or ([generic.NAME] if detect(record, "") is generic else [])


def _verdict(path: Path, records: list[dict[str, Any]], claims: Counter[str]) -> str:
    if not records:
        return "holds no records of JSON, and no table: nothing to read"
    try:
        names = sniffing.look_at(path, str(path)).formats
    except LogError as problem:
        keys = ", ".join(list(records[0])[:12])
        return f"is not read: {problem.what} ({problem.hint}); its first record has: {keys}"
    if names[1:]:
        return f"is read as {names[0]}, and where that is silent as {', '.join(names[1:])}"
    return f"is read as {names[0]}" if claims else f"is read as {names[0]}: a table that costsim wrote"


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as problem:
        raise LogError("no such file", where=str(path)) from problem
    except PermissionError as problem:
        raise LogError("not permitted", where=str(path)) from problem
    except IsADirectoryError as problem:
        raise LogError("is a folder", where=str(path), hint="name the files in it") from problem


_LOOKED_AT = 1_000
"""Records from which it is told whether a column has few values."""


def mapping_for(path: Path) -> str:
    """Return a YAML mapping for the columns of a file, filled in as far as their names tell."""
    with _readable(path):
        records = sniffing.first_records(path, str(path), _LOOKED_AT).records
    if not records:
        raise LogError("holds no records to map", where=str(path), hint="CSV with a header, JSON Lines or Parquet")
    return mapping_yaml(records[0], records[1:])
