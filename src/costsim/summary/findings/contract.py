"""What a finding is: a module with these public names. One kind looks at calls, the other at sums of all calls."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from costsim.summary.dimensions import Codes
from costsim.summary.priced import Priced
from costsim.summary.tally import Tally

Label = tuple[str | None, ...]
Ints = NDArray[np.int64]

Part = Literal["call", "prefix", "cache", "history", "system", "output", "model", "tier"]
"""What of a call a finding saves on. Two findings on one part of a call save the same dollars; `model` and
`tier` change the price of whatever else is left."""


class Savings(msgspec.Struct, frozen=True):
    """The calls that a finding is about: their places in the batch, and what each could have saved."""

    rows: Ints
    amount: Ints
    """10^-12 USD, summed over a case; below zero for a call that is dearer so that others get cheaper."""
    labels: tuple[str | Codes, ...]
    """What tells one case of the finding from another: columns of `calls`, or codes of all calls of the batch.
    A case is one line of the report."""
    facts: tuple[Ints, ...] = ()
    """Further numbers of the same calls, summed over a case, for its title."""


class Case(msgspec.Struct, frozen=True):
    """One line of the report: all the calls of a finding that share their labels."""

    label: Label
    calls: int
    saving: int
    spend: int
    facts: tuple[int, ...] = ()


class Kind(Protocol):
    """What both kinds of findings say of themselves."""

    ID: str
    HOW: str
    """How the saving was computed, in a sentence."""
    DO: str
    """What to do about it, in a sentence."""
    SAVES_ON: Part

    def title(self, case: Case) -> str:
        """Return the line of the report for one case."""


class Finding(Kind, Protocol):
    """A kind of waste that shows in single calls, with the links that ingestion found between them."""

    def savings(self, priced: Priced) -> Savings:
        """Return which of the calls could have cost less, and by how much."""


class Trend(Kind, Protocol):
    """A kind of waste that only the sums of all calls show; the first label of its cases is the route."""

    MEASURES: tuple[str, ...]

    def sums(self, priced: Priced) -> tuple[Mapping[tuple[str, ...], Sequence[Codes]], dict[str, Ints]]:
        """Return, for a batch, each call's place in one grouping or several, and its values to be summed."""

    def cases(self, tally: Tally) -> list[Case]:
        """Return the cases that the sums of all batches show."""


def share_of(amount: int, part: float) -> int:
    """Return a part, in [0, 1], of an exact amount."""
    return amount * round(max(0.0, min(part, 1.0)) * (1 << 40)) >> 40
