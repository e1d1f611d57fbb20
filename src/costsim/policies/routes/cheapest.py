"""`cheapest`: of a list of models the one that costs least for the call, within the policy's limits."""

from costsim.policies.attempts import Ints, Leg
from costsim.policies.desk import Desk
from costsim.policies.document import Route
from costsim.policies.routes.one_model import to


def legs(route: Route, rows: Ints, desk: Desk) -> list[Leg]:
    """Return one request for each call that a model of the list can do."""
    return [to(desk.cheapest(route.cheapest or [], rows), rows)]
