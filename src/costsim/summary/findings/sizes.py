"""Sizes in classes an eighth apart, so that the median of any number of calls is known from sums that add up."""

import numpy as np

from costsim.schema import distinct
from costsim.summary.dimensions import Codes
from costsim.summary.findings.contract import Ints

_EDGES = distinct(np.array([2 ** (step / 6) for step in range(6 * 31)]).round().astype(np.int64))
_NAMES: list[str | None] = [str(place) for place in range(len(_EDGES) + 1)]


def classes(sizes: Ints) -> Codes:
    """Return the class of each size; classes are in the order of their sizes."""
    return np.searchsorted(_EDGES, sizes, side="right").astype(np.int64), _NAMES


def median(classes: dict[int, tuple[int, int]]) -> float:
    """Return about the median size, from (calls, sum of sizes) of each class: the mean of the class it falls into."""
    half = sum(calls for calls, _ in classes.values()) / 2
    seen = 0
    for place in sorted(classes):
        calls, sizes = classes[place]
        seen += calls
        if calls and seen >= half:
            return sizes / calls
    return 0.0
