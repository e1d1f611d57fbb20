"""What a way to route is: a module with `legs`, and nothing to inherit."""

from typing import Protocol

from costsim.policies.attempts import Ints, Leg
from costsim.policies.desk import Desk
from costsim.policies.document import Route


class Way(Protocol):
    """One way to route."""

    def legs(self, route: Route, rows: Ints, desk: Desk) -> list[Leg]:
        """Return the requests that these calls become; a call in none of them has no model that can do it."""
