"""What the log itself shows of failures: errors, retries, fallbacks and escalations."""

import msgspec
import numpy as np

from costsim.ingest.ties.links import ESCALATED, RETRIED
from costsim.summary.priced import Bools, Priced

COLUMNS = ("status", "retry_of", "attempt", "fallback_of", "tried_again")


class Incidents(msgspec.Struct):
    """How many of some calls failed, or were sent because another had failed."""

    errors: int = 0
    retries: int = 0
    fallbacks: int = 0
    escalations: int = 0

    def add(self, other: "Incidents") -> None:
        """Add the counts of other calls."""
        self.errors += other.errors
        self.retries += other.retries
        self.fallbacks += other.fallbacks
        self.escalations += other.escalations


def incidents(priced: Priced) -> Incidents:
    """Return what a batch of calls shows.

    A call is a retry when the log says so, or when a failed call of the same trace or with the same prompt came
    within two minutes before it; it is an escalation when it is one on another model, or when the log calls it a
    fallback.
    """
    again, stated, fallback = priced.number("tried_again"), _stated_retries(priced), priced.stated("fallback_of")
    return Incidents(
        errors=int(priced.among("status", {"error"}).sum()),
        retries=int((stated | (again >= RETRIED)).sum()),
        fallbacks=int(fallback.sum()),
        escalations=int(np.sum(fallback | (again == ESCALATED))),
    )


def tried_again(priced: Priced) -> Bools:
    """Return which calls repeat work that was tried before: retries, fallbacks and escalations."""
    return _stated_retries(priced) | priced.stated("fallback_of") | (priced.number("tried_again") >= RETRIED)


def _stated_retries(priced: Priced) -> Bools:
    """Which calls the log itself calls a retry."""
    return priced.stated("retry_of") | (priced.number("attempt") > 1)
