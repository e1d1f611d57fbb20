"""Dated price tables: load, check, resolve names, look up a day's rates. Never multiplies by a count.

`sheets` are the files as people write them, `compiling` makes a `table` of them, `store` keeps it, `lookup` finds a
log's words in it; `foreign` takes in other projects' lists.
"""

from collections.abc import Sequence
from pathlib import Path

from costsim.prices.facts import ModelFacts, Resolution
from costsim.prices.store import load
from costsim.prices.table import NO_TIME, PriceTable, Rows
from costsim.prices.units import FEES, TIERS, TRILLION, UNIT_CODE, UNITS, UNKNOWN_TIER, tier_code

__all__ = [
    "FEES",
    "NO_TIME",
    "TIERS",
    "TRILLION",
    "UNITS",
    "UNIT_CODE",
    "UNKNOWN_TIER",
    "ModelFacts",
    "PriceTable",
    "Resolution",
    "Rows",
    "lint",
    "load",
    "tier_code",
]


def lint(paths: Sequence[Path] = ()) -> list[str]:
    """Return everything wrong in these price files, or the shipped ones, each as `file:line: what (hint)`."""
    from costsim.prices import linting  # reads YAML, which loading a kept table does not need

    return linting.lint(paths)
