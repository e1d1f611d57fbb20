"""`model` and `tier`: every call to one model, or to the cheapest of a tier that can do it."""

from costsim.policies.attempts import Ints, Leg, whole
from costsim.policies.desk import Desk
from costsim.policies.document import Route, Target


def legs(route: Route, rows: Ints, desk: Desk) -> list[Leg]:
    """Return one request for each call that the model, or one of the tier, can do."""
    return [to(desk.choose(Target(route.model, route.tier), rows), rows)]


def to(model: Ints, rows: Ints) -> Leg:
    """Return one request for each call that has a model."""
    can = model >= 0
    return Leg(rows[can], model[can], whole(int(can.sum())))
