"""What a finding is: a module with these public names."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from costsim.summary.priced import Priced

Label = tuple[str | None, ...]


@dataclass(frozen=True)
class Savings:
    """The calls that a finding is about: places among the calls it was shown, and what each could have saved."""

    rows: NDArray[np.int64]
    amount: NDArray[np.int64]
    """10^-12 USD, never below zero."""
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
    """One kind of waste."""

    ID: str
    KEY: str | None
    """The column whose equal values tie calls together: all of them are shown at once; None: any calls will do."""
    HOW: str
    """How the saving was computed, in a sentence."""
    DO: str
    """What to do about it, in a sentence."""

    def savings(self, priced: Priced) -> Savings:
        """Return which of the calls could have cost less, and by how much."""

    def title(self, case: Case) -> str:
        """Return the line of the report for one case."""


def name(word: str | None, kind: str) -> str:
    """Return a label as a report says it."""
    return f"`{word}`" if word else f"calls without a {kind}"
