"""`split`: every call to several models, each with its part: what a random choice by weight costs on average."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from costsim.policies.attempts import WHOLE, Ints, Leg
from costsim.policies.desk import Desk
from costsim.policies.document import Portion, Route


def legs(route: Route, rows: Ints, desk: Desk) -> list[Leg]:
    """Return one request for each call and way; where a way has no model for a call, its own model takes that part."""
    portions = route.split or []
    chosen = [desk.choose(portion, rows) for portion in portions]
    routable = np.any([model >= 0 for model in chosen], axis=0)
    rows = rows[routable]
    own = desk.logged(rows)
    models = [np.where(model[routable] >= 0, model[routable], own) for model in chosen]
    shares = portions_of_one(portions)
    return [Leg(rows, model, np.full(len(rows), share)) for model, share in zip(models, shares, strict=True)]


def portions_of_one(portions: Sequence[Portion]) -> list[int]:
    """Return weights as shares in 10^-9 which add up to the whole."""
    total = sum(portion.weight for portion in portions)
    ends = np.cumsum([portion.weight for portion in portions]) / total
    marks = [0, *(round(float(end) * WHOLE) for end in ends[:-1]), WHOLE]
    return [after - before for before, after in pairwise(marks)]
