"""Which of the known output formats the user means."""

from collections.abc import Mapping
from typing import TypeVar

Render = TypeVar("Render")


def shape(name: str, known: Mapping[str, Render]) -> Render:
    """Return the renderer of that name; UsageError, before anything is read, where there is none."""
    from costsim.errors import UsageError, nearest

    if name not in known:
        raise UsageError(f"unknown format '{name}'", where="--format", hint=nearest(name, known))
    return known[name]
