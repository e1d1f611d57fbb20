"""What a policy yields: the requests that it would send, as columns."""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from costsim.cost import Usage

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

WHOLE = 10**9
"""A share of 1: shares are integers of 10^-9, so that what they are multiplied with stays exact."""

AS_SERVED = -1
"""A service tier that is the one the call was served in, where the model is sold in it."""


@dataclass(frozen=True)
class Attempts:
    """The requests that a batch of calls becomes under a policy."""

    call: Ints
    """Which call of the batch each attempt belongs to."""
    usage: Usage
    """Model, tier, time and tokens of each attempt."""
    billed: Bools
    """False where the provider charges nothing: a refused request, an answer from a gateway's own cache."""


class Kind(IntEnum):
    """What a request is for."""

    ANSWER = 0
    VERIFY = 1
    RETRY = 2
    FALLBACK = 3


@dataclass(frozen=True)
class Leg:
    """One kind of request that some calls would make; all columns have one length."""

    rows: Ints
    """Calls of the batch, each at most once."""
    model: Ints
    """Index in the price table."""
    share: Ints
    """The expected part of each call that makes this request, in 10^-9."""
    number: int = 0
    """The place of the leg in its cascade."""
    kind: Kind = Kind.ANSWER
    tier: int = AS_SERVED
    """Code of the service tier that is asked for."""
    reads_more: Ints | None = None
    """Tokens that it reads besides the prompt: the answer before it."""
    reads: int | None = None
    """Where it does not read the prompt, but so many tokens."""
    writes: int | None = None
    """Where it does not write an answer, but so many tokens."""

    def part(self, which: Ints | Bools, share: Ints | None = None) -> "Leg":
        """Return the same leg for some of its rows, with other shares where given."""
        more = self.reads_more
        return Leg(
            self.rows[which],
            self.model[which],
            self.share[which] if share is None else share,
            self.number,
            self.kind,
            self.tier,
            None if more is None else more[which],
            self.reads,
            self.writes,
        )


@dataclass
class Routed:
    """What the rules of a policy make of a batch of calls."""

    rule: Ints
    """The rule that took each call; -1 for none."""
    legs: list[Leg] = field(default_factory=list)
    unroutable: Bools = field(default_factory=lambda: np.zeros(0, np.bool_))
    """Calls that no model of their route can do: they keep their own."""


def times(share: Ints, other: Ints | int) -> Ints:
    """Return the product of shares, in 10^-9, rounded to the nearest."""
    product: Ints = (share * other + WHOLE // 2) // WHOLE
    return product


def whole(count: int) -> Ints:
    """Return the share 1 of so many calls."""
    return np.full(count, WHOLE, np.int64)
