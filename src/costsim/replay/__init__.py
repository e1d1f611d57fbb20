"""Calls x policy x prices -> what every attempt costs; what the past cost is the replay of `as_logged`."""

from costsim.replay.history import (
    BASES,
    COLUMNS,
    COMPUTED,
    COST_MODES,
    REPORTED,
    UNPRICED,
    CostMode,
    Replay,
    history,
)

__all__ = ["BASES", "COLUMNS", "COMPUTED", "COST_MODES", "REPORTED", "UNPRICED", "CostMode", "Replay", "history"]
