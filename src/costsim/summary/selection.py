"""Which calls the user wants to look at: --where, --since, --until."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from costsim.errors import UsageError
from costsim.schema import as_arrow, whole_numbers
from costsim.summary import dimensions


class Selection(msgspec.Struct, frozen=True):
    """Calls for which every condition holds; with no conditions, all calls."""

    where: tuple[tuple[str, str], ...] = ()
    """(dimension, value): the same dimension several times is 'any of these'."""
    since: int | None = None
    until: int | None = None
    """UTC microseconds: since <= started_at < until. A call without a time is in no span of time."""

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not self.where and self.since is None and self.until is None

    def columns(self) -> set[str]:
        """Return the columns of `calls` that the conditions read."""
        return dimensions.columns([name for name, _ in self.where]) | ({"started_at"} if self._timed else set())

    @property
    def _timed(self) -> bool:
        return self.since is not None or self.until is not None

    def of(self, calls: pa.Table, timezone: str) -> pa.Table:
        """Return the chosen calls of a batch."""
        return calls if self.everything else calls.filter(as_arrow(self._chosen(calls, timezone)))

    def _chosen(self, calls: pa.Table, timezone: str) -> NDArray[np.bool_]:
        chosen = np.ones(calls.num_rows, dtype=bool)
        for name in dict.fromkeys(name for name, _ in self.where):
            values = {value for other, value in self.where if other == name}
            codes, labels = dimensions.codes(calls, name, timezone)
            chosen &= np.array([(label or "") in values for label in labels], dtype=bool)[codes]
        if self._timed:
            at = whole_numbers(calls, "started_at")
            chosen &= at >= max(self.since or 0, 0)
            if self.until is not None:
                chosen &= at < self.until
        return chosen


EVERYTHING = Selection()


def parse_where(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the conditions that '--where model=gpt-5.5' states."""
    found = []
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark:
            raise UsageError(f"'{text}' is no condition", where="--where", hint="for example --where model=gpt-5.5")
        (dimension, *more) = dimensions.parse(name, "--where")
        if more:
            hint = f"--where {dimension}=... --where {more[0]}=..."
            raise UsageError(f"'{text}' names more than one dimension", where="--where", hint=hint)
        found.append((dimension, value.strip()))
    return tuple(found)
