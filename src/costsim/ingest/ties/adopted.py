"""Tasks that calls adopt from others like them, put into a table of calls; how they come about is in `votes`."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from costsim.schema import as_arrow, words

CERTAIN = 10_000
"""What stands for a confidence of 1."""

Votes = NDArray[np.int16]
"""[2, calls]: the place of the adopted task among the tasks, below 0 where none, and the confidence in 1/CERTAIN."""


def adopt(calls: pa.Table, votes: Votes, tasks: Sequence[str]) -> pa.Table:
    """Return the calls with the tasks, and their confidence, that they adopt from others; other columns stay."""
    adopts = votes[0] >= 0
    if not adopts.any():
        return calls
    if "task" in calls.column_names:
        codes, labels = words(calls, "task")
        known = [*dict.fromkeys([*tasks, *(label for label in labels if label is not None)])]
        place = np.array([known.index(label) if label is not None else -1 for label in labels], np.int64)
        chosen = np.where(adopts, votes[0], place[codes]).astype(np.int32)
        column = pa.DictionaryArray.from_arrays(as_arrow(chosen, chosen >= 0), pa.array(known, pa.string()))
        calls = calls.set_column(calls.column_names.index("task"), "task", column)
    if "task_confidence" in calls.column_names:
        own = calls.column("task_confidence")
        sure = (votes[1] / CERTAIN).astype(np.float32)
        column = as_arrow(np.where(adopts, sure, own.to_numpy()), adopts | own.is_valid().to_numpy())
        calls = calls.set_column(calls.column_names.index("task_confidence"), "task_confidence", column)
    return calls
