"""`decisions`: every call to the model that another router chose for it, by a file of call id and model."""

import numpy as np

from costsim.policies.attempts import Ints, Leg
from costsim.policies.desk import Desk
from costsim.policies.document import Route
from costsim.policies.routes.one_model import to


def legs(route: Route, rows: Ints, desk: Desk) -> list[Leg]:
    """Return one request for each call: to the model that was decided, else to its own."""
    decided = desk.decided(route.decisions or "", rows)
    return [to(np.where(decided >= 0, decided, desk.logged(rows)), rows)]
