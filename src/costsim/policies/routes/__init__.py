"""Ways to route: each turns the calls of a rule into requests; none prices, prints or loops over calls.

To add one: a module that satisfies `Way`, its word in `document.Route`, and its line in `WAYS`.
"""

import numpy as np

from costsim.policies.attempts import Bools, Ints, Leg
from costsim.policies.desk import Desk
from costsim.policies.document import Route
from costsim.policies.routes import cascade, cheapest, decisions, logged, one_model, split
from costsim.policies.routes.contract import Way

WAYS: dict[str, Way] = {
    "model": one_model,
    "tier": one_model,
    "cascade": cascade,
    "split": split,
    "cheapest": cheapest,
    "decisions": decisions,
    "as_logged": logged,
}
"""The word of a route, and what it means; a route says exactly one of them."""


def way_of(route: Route) -> str:
    """Return the word by which a route says where calls go."""
    return next(word for word in WAYS if getattr(route, word))


def legs(route: Route, rows: Ints, desk: Desk) -> list[Leg]:
    """Return the requests that these calls become under a route."""
    return WAYS[way_of(route)].legs(route, rows, desk)


def left(route: Route, rows: Ints, desk: Desk) -> Bools:
    """Return which of these calls a route leaves to the model that answered them, whether it is known or not."""
    if route.decisions is not None:
        return desk.decided(route.decisions, rows) < 0
    return np.full(len(rows), route.as_logged)
