"""What a finding is: a module with these public names. One kind looks at calls, the other at sums of all calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from costsim.summary.dimensions import Codes
from costsim.summary.priced import Priced
from costsim.summary.tally import Tally

Label = tuple[str | None, ...]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Savings:
    """The calls that a finding is about: places among the calls it was shown, and what each could have saved."""

    rows: Ints
    amount: Ints
    """10^-12 USD, summed over a case; below zero for a call that is dearer so that others get cheaper."""
    labels: tuple[str, ...]
    """Columns of `calls` whose values tell one case of the finding from another: a case is one line of the report."""


@dataclass(frozen=True)
class Case:
    """One line of the report: all the calls of a finding that share their labels."""

    label: Label
    calls: int
    saving: int
    spend: int


class Finding(Protocol):
    """A kind of waste that shows in single calls, with the links that ingestion found between them."""

    ID: str
    HOW: str
    """How the saving was computed, in a sentence."""
    DO: str
    """What to do about it, in a sentence."""

    def savings(self, priced: Priced) -> Savings:
        """Return which of the calls could have cost less, and by how much."""

    def title(self, case: Case) -> str:
        """Return the line of the report for one case."""


class Trend(Protocol):
    """A kind of waste that only the sums of all calls show: over the days, or over the hours of the day."""

    ID: str
    HOW: str
    DO: str
    GROUPING: tuple[str, ...]
    """Names the sums in the tally; the first ones label a case."""
    MEASURES: tuple[str, ...]

    def sums(self, priced: Priced) -> tuple[Sequence[Codes], dict[str, Ints]]:
        """Return, for a batch, each call's place in the grouping and its values to be summed."""

    def cases(self, tally: Tally) -> list[Case]:
        """Return the cases that the sums of all batches show."""

    def title(self, case: Case) -> str:
        """Return the line of the report for one case."""


def name(word: str | None, kind: str) -> str:
    """Return a label as a report says it."""
    return f"`{word}`" if word else f"calls without a {kind}"
