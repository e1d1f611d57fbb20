"""What a policy yields: the requests that it would send, as columns."""

from enum import IntEnum
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import asdict, replace
from numpy.typing import NDArray

from costsim.cost import Usage

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

WHOLE = 10**9
"""A share of 1: shares are integers of 10^-9, so that what they are multiplied with stays exact."""

AS_SERVED = -1
"""A service tier that is the one the call was served in, where the model is sold in it."""


class Attempts(msgspec.Struct, frozen=True):
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
    """The last answer that can be had."""
    TRY = 1
    """An answer that is judged, and after which another model may be asked."""
    VERIFY = 2
    RETRY = 3
    FALLBACK = 4


class Leg(msgspec.Struct, frozen=True):
    """One kind of request that some calls would make; all columns have one length."""

    rows: Ints
    """Calls of the batch, each at most once."""
    model: Ints
    """Index in the price table."""
    share: Ints
    """The expected part of each call that makes this request, in 10^-9."""
    number: int = 0
    """How many models were asked before it."""
    kind: Kind = Kind.ANSWER
    tier: int = AS_SERVED
    """Code of the service tier that is asked for."""
    reads_more: Ints | None = None
    """Tokens that it reads besides the prompt: the answer before it."""
    reads: int | None = None
    """Where it does not read the prompt, but so many tokens."""
    writes: int | None = None
    """Where it does not write an answer, but so many tokens."""
    paid: Ints | None = None
    """The part of each call that is billed for it, where that is less: a request that fails may cost nothing."""

    @property
    def answers(self) -> bool:
        """Whether its answers are what the caller may get, had nothing failed."""
        return self.kind in (Kind.ANSWER, Kind.TRY)

    @property
    def billed(self) -> Ints:
        """The part of each call that is billed for it."""
        return self.share if self.paid is None else self.paid

    def part(self, which: Ints | Bools) -> "Leg":
        """Return the same leg for some of its rows."""
        columns: dict[str, Any] = {
            name: column[which] for name, column in asdict(self).items() if isinstance(column, np.ndarray)
        }
        return replace(self, **columns)


def times(share: Ints, other: Ints | int) -> Ints:
    """Return the product of shares, in 10^-9, rounded to the nearest."""
    product: Ints = (share * other + WHOLE // 2) // WHOLE
    return product


def whole(count: int) -> Ints:
    """Return the share 1 of so many calls."""
    return np.full(count, WHOLE, np.int64)
