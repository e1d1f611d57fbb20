"""When a model was released, as far as its maker's dated names tell: `claude-haiku-4-5-20251001`, `o3-2025-04-16`."""

import re
from collections.abc import Iterable
from datetime import date

import msgspec

from costsim.prices.sheets.sheet import ModelSheet

MAKERS = ("openai", "anthropic")
"""Makers that put the full date of a version behind its name."""
_DATED = re.compile(r"^(?P<base>.+?)-(?P<y>20\d\d)-?(?P<m>[01]\d)-?(?P<d>[0-3]\d)$")


def with_release_days(provider: str, models: Iterable[ModelSheet]) -> list[ModelSheet]:
    """Return a maker's models with the day of their first dated name; an undated one is as old as its first version."""
    models = list(models)
    if provider not in MAKERS:
        return models
    first: dict[str, date] = {}
    for model in models:
        for base, day in filter(None, map(_version, (model.model, *model.names))):
            first[base] = min(first.get(base, day), day)
    return [_dated(model, first) for model in models]


def _dated(model: ModelSheet, first: dict[str, date]) -> ModelSheet:
    versions = {name: _version(name) for name in (model.model, *model.names)}
    days = [version[1] if version else first[name] for name, version in versions.items() if version or name in first]
    return msgspec.structs.replace(model, released=min(days)) if days else model


def _version(name: str) -> tuple[str, date] | None:
    found = _DATED.match(name)
    if not found:
        return None
    try:
        return found["base"], date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return None
