"""Dated price tables: load, validate, resolve a model's name, look up the rates of a day. Never multiplies by a count."""

from costsim.prices.facts import ModelFacts, Resolution
from costsim.prices.store import load
from costsim.prices.table import NO_TIME, PriceTable, Rows
from costsim.prices.units import TIERS, UNIT_CODE, UNITS, UNKNOWN_TIER, tier_code

__all__ = [
    "NO_TIME",
    "TIERS",
    "UNITS",
    "UNIT_CODE",
    "UNKNOWN_TIER",
    "ModelFacts",
    "PriceTable",
    "Resolution",
    "Rows",
    "load",
    "tier_code",
]
