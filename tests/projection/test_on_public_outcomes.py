"""Intervals of factors on public outcomes: what many models wrote on the same prompts."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from scripts.evaluate_projection import Errors, Found, evaluate, left_out
from scripts.fit_factors import by_set, read

SETS = ("vectara", "zeroeval-crux", "zeroeval-gsm", "zeroeval-math-l5")
PAIRS = 40


@pytest.fixture(scope="module")
def found(shared_file: Callable[[str], Path]) -> dict[str, Found]:
    """Errors by set and by where the factor came from."""
    outcomes = read(shared_file("outcomes/outcomes.parquet"))
    outcomes = outcomes.filter(pc.greater(pc.fill_null(outcomes["output_tokens"], 0), 0))
    found: dict[str, Found] = defaultdict(lambda: defaultdict(lambda: Errors([], [])))
    for one in by_set(outcomes.filter(pc.is_in(outcomes["dataset"].cast(pa.string()), pa.array(SETS)))):
        fitted = left_out(outcomes, str(one["dataset"][0].as_py()), "output_tokens")
        evaluate(one, "output_tokens", fitted, found, PAIRS)
    return found


def over_sets(found: dict[str, Found], way: str, what: str) -> float:
    """The mean over sets, each weighing the same."""
    some = [of_set[way] for of_set in found.values()]
    assert len(some) == len(SETS)
    return float(np.mean([np.mean(getattr(each, what)) for each in some]))


@pytest.mark.parametrize(
    "way", ["prior", " 10 probes and the prior", " 25 probes and the prior", "100 probes and the prior"]
)
def test_ninety_in_a_hundred_intervals_hold_the_truth(found: dict[str, Found], way: str) -> None:
    assert 0.85 <= over_sets(found, way, "inside") <= 0.97


def test_a_prior_is_better_than_none_and_probes_are_better_than_a_prior(found: dict[str, Found]) -> None:
    ways = ("naive: as many as the source", "prior", " 10 probes and the prior", "100 probes and the prior")
    errors = [over_sets(found, way, "off") for way in ways]
    assert errors == sorted(errors, reverse=True)
