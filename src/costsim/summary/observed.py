"""What the log itself shows of failures: errors, retries, fallbacks and escalations."""

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from costsim.ingest.links import ESCALATED, RETRIED
from costsim.summary.priced import Bools, Priced

COLUMNS = ("status", "retry_of", "attempt", "fallback_of", "tried_again")


@dataclass
class Seen:
    """Counts of some calls."""

    errors: int = 0
    retries: int = 0
    fallbacks: int = 0
    escalations: int = 0

    def add(self, other: "Seen") -> None:
        """Add the counts of other calls."""
        self.errors += other.errors
        self.retries += other.retries
        self.fallbacks += other.fallbacks
        self.escalations += other.escalations


def seen(priced: Priced) -> Seen:
    """Return what a batch of calls shows.

    A call is a retry when the log says so, or when a failed call of the same trace or with the same prompt came
    within two minutes before it; it is an escalation when it is one on another model, or when the log calls it a
    fallback.
    """
    again = priced.number("tried_again")
    fallback = pc.is_valid(priced.calls.column("fallback_of")).to_numpy()
    said = pc.is_valid(priced.calls.column("retry_of")).to_numpy() | (priced.number("attempt") > 1)
    return Seen(
        errors=int(priced.among("status", {"error"}).sum()),
        retries=int((said | (again >= RETRIED)).sum()),
        fallbacks=int(fallback.sum()),
        escalations=int(np.sum(fallback | (again == ESCALATED))),
    )


def tried_again(priced: Priced) -> Bools:
    """Return which calls repeat work that was tried before: retries, fallbacks and escalations."""
    said = pc.is_valid(priced.calls.column("retry_of")).to_numpy() | (priced.number("attempt") > 1)
    fallback = pc.is_valid(priced.calls.column("fallback_of")).to_numpy()
    found: Bools = said | fallback | (priced.number("tried_again") >= RETRIED)
    return found
