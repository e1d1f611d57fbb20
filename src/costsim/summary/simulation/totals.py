"""What all batches of a log add up to: its calls as they were, and every run of every policy."""

import msgspec

from costsim.summary.simulation.rest import Rest
from costsim.summary.simulation.sums import PolicySums
from costsim.summary.sums import Sums


class SimulationSums(msgspec.Struct):
    """What all batches add up to."""

    basis: Sums = msgspec.field(default_factory=Sums)
    past: PolicySums = msgspec.field(default_factory=PolicySums)
    """What calls cost as they were: no more than sums by bucket."""
    runs: list[PolicySums] = msgspec.field(default_factory=list)
    rest: Rest = msgspec.field(default_factory=Rest)
    """Calls that are in no sum yet."""
    hits_as_logged: bool = False
    """Whether calls that stay are taken to read from caches what they did, as the log has too many to find out."""

    def add(self, other: "SimulationSums") -> None:
        """Add the sums of other batches."""
        self.basis.add(other.basis)
        self.past.add(other.past)
        self.rest.add(other.rest)
        for mine, more in zip(self.runs, other.runs, strict=True):
            mine.add(more)
