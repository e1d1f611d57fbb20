"""Calls above a long-context cliff, where the whole request is billed at a higher rate."""

import numpy as np

from costsim.prices import ModelFacts
from costsim.summary.findings.contract import Case, Savings
from costsim.summary.priced import Priced

ID = "above-a-cliff"
HOW = "the same call with its input cut to just below the model's long-context threshold"
DO = "trim or split inputs that are a little above the threshold, or use a model that has none"


def savings(priced: Priced) -> Savings:
    """Return the calls at or above their model's first threshold."""
    threshold = priced.by_model(_first_threshold)
    total = priced.number("input_tokens")
    rows = np.flatnonzero((threshold > 0) & (total >= threshold) & (priced.cost > 0))
    below = threshold[rows] - 1
    read = np.minimum(np.maximum(priced.number("cache_read_tokens")[rows], 0), below)
    written = np.minimum(np.maximum(priced.number("cache_write_tokens")[rows], 0), below - read)
    long_written = np.minimum(np.maximum(priced.number("cache_write_1h_tokens")[rows], 0), written)
    amount = priced.saved_if(
        rows, input_tokens=below, cache_read_tokens=read, cache_write_tokens=written, cache_write_1h_tokens=long_written
    )
    return Savings(rows[amount > 0], amount[amount > 0], ("model",))


def _first_threshold(facts: ModelFacts) -> int:
    return min((each for each in facts.thresholds if each > 0), default=-1)


def title(case: Case) -> str:
    """Return the line of the report."""
    return f"{case.calls:,} calls of {case.label[0]} are above its long-context threshold: input and output cost more"
