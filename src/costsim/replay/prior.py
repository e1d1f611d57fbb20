"""What is known of a rate of escalation before anything is given or seen: escalation.json, from public test sets."""

from functools import cache
from importlib.resources import files

import msgspec


class EscalationPrior(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The share of what the best model at hand can do that another one fails, by scripts/fit_escalation.py.

    The sets are harder than everyday work, and the models older than today's: it is a figure to be replaced.
    """

    rate: float
    calls: float
    """It is known as well as from so many calls."""
    low: float
    """5 of 100 models and sets lie below, and 5 above `high`."""
    high: float
    sets: int
    models: int
    """Models on sets of prompts."""

    @property
    def told(self) -> str:
        """The rate with its interval, in words."""
        return f"{self.rate:.0%} [{self.low:.0%} to {self.high:.0%}]".replace("%", " %")


@cache
def escalation() -> EscalationPrior:
    """Return the prior that ships with the package."""
    text = files("costsim.replay").joinpath("escalation.json").read_bytes()
    return msgspec.json.decode(text, type=EscalationPrior)
