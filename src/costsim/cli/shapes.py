"""Which of the known output formats the user means, and text that any terminal can take."""

import sys
from collections.abc import Mapping
from typing import TypeVar

Render = TypeVar("Render")


def shape(name: str, known: Mapping[str, Render]) -> Render:
    """Return the renderer of that name; UsageError, before anything is read, where there is none."""
    from costsim.errors import UsageError, nearest

    if name not in known:
        raise UsageError(f"unknown format '{name}'", where="--format", hint=nearest(name, known))
    return known[name]


def write_anywhere(text: str) -> None:
    """Print a text that may hold names in any script; where standard output knows only ASCII, with escapes."""
    from costsim.cli.endings import write
    from costsim.reports.legible import ascii_only

    write(text if "utf" in (sys.stdout.encoding or "").lower() else ascii_only(text), None)
