"""`as_logged`: every call to the model that answered it, perhaps in another service tier."""

from costsim.policies.attempts import Ints, Leg
from costsim.policies.desk import Desk
from costsim.policies.document import Route
from costsim.policies.routes.one_model import to


def legs(route: Route, rows: Ints, desk: Desk) -> list[Leg]:  # noqa: ARG001  every way is asked alike
    """Return one request for each call whose model is known."""
    return [to(desk.logged(rows), rows)]
