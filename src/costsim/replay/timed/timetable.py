"""What was solved for one policy so far, and the batches to solve the rest of it from."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import replace

from costsim.policies.attempts import Bools, Ints
from costsim.policies.columns import Columns
from costsim.replay.history import Replay
from costsim.replay.outcome import Solved
from costsim.replay.simulating import BatchSimulation, Simulation
from costsim.replay.timed.cached import Caches

Load = Callable[[int], tuple[Columns, Replay]]
"""A batch of calls, and their past."""


class Timetable(msgspec.Struct):
    """What was solved for one policy, for all calls of all batches, one after the other."""

    calls: Ints = msgspec.field(default_factory=lambda: np.zeros(1, np.int64))
    """First call of each batch, and the number of all."""
    served: Bools | None = None
    over: Bools | None = None
    model: Ints | None = None
    caches: Caches | None = None

    def of(self, batch: int, simulation: BatchSimulation) -> Solved:
        """Return what was solved for a batch."""
        rows = slice(self.calls[batch], self.calls[batch + 1])
        solved = Solved(
            over=None if self.over is None else self.over[rows],
            served=None if self.served is None else self.served[rows],
            model=None if self.model is None else self.model[rows],
        )
        if self.caches is None:
            return solved
        return replace(solved, cached=self.caches.of(batch, simulation, solved))


class Timed:
    """All batches under one policy, looked at for one thing after the other."""

    def __init__(self, simulation: Simulation, load: Load, batches: int, folder: Path) -> None:
        self.simulation, self.batches, self.folder = simulation, batches, folder
        self.found = Timetable()
        self._load = load

    def batch(self, number: int) -> tuple[BatchSimulation, Solved]:
        """Return a batch, with what has been solved so far."""
        columns, past = self._load(number)
        batch = BatchSimulation(self.simulation, columns, past)
        return batch, self.found.of(number, batch)

    def look(self) -> None:
        """Note the time of every call."""
        rows = [0]
        for number in range(self.batches):
            at = self._load(number)[1].attempts.usage.at
            np.save(self._at(number), at)
            rows.append(len(at))
        self.found.calls = np.cumsum(rows)

    def times(self, number: int) -> Ints:
        """Return the times of a batch's calls."""
        at: Ints = np.load(self._at(number))
        return at

    def _at(self, number: int) -> Path:
        return self.folder / f"at-{number}.npy"
