"""The log formats as a user sees them, and a first mapping for a log of none of them."""

from pathlib import Path
from textwrap import fill

from costsim.errors import LogError
from costsim.formats import FORMATS
from costsim.formats.generic import mapping_yaml
from costsim.ingest import sniffing


def listed() -> str:
    """Return the formats, each with how it is recognised."""
    width = max(len(name) for name in FORMATS) + 2
    lines = [fill(f"{name:<{width}}{each.ABOUT}", 100, subsequent_indent=" " * width) for name, each in FORMATS.items()]
    return "\n".join(lines) + "\n"


def mapping_for(path: Path) -> str:
    """Return a YAML mapping for the columns of a file, filled in as far as their names tell."""
    try:
        records = sniffing.sample(path, str(path))
    except FileNotFoundError as problem:
        raise LogError("no such file", where=str(path)) from problem
    except PermissionError as problem:
        raise LogError("not permitted", where=str(path)) from problem
    if not records:
        raise LogError("holds no records to map", where=str(path), hint="CSV with a header, JSON Lines or Parquet")
    return mapping_yaml(records[0])
