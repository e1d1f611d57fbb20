"""What the user wants to know of a log: cut by what, which calls, at whose prices."""

from collections.abc import Sequence

import msgspec

from costsim.policies.as_logged import LOGGED, AsOf
from costsim.replay import CostMode
from costsim.summary import dimensions
from costsim.summary.selection import EVERYTHING, Selection

DEFAULT_GROUPINGS: tuple[tuple[str, ...], ...] = (("task",), ("model",), ("route",))


class Question(msgspec.Struct, frozen=True):
    """What the user wants to know."""

    groupings: tuple[tuple[str, ...], ...] = DEFAULT_GROUPINGS
    selection: Selection = EVERYTHING
    timezone: str = "UTC"
    as_of: AsOf = LOGGED
    as_of_said: str = "logged"
    mode: CostMode = "auto"


def groupings(texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the groupings that --by asks for; the usual three where it does not."""
    return tuple(dict.fromkeys(dimensions.parse(text) for text in texts)) or DEFAULT_GROUPINGS
