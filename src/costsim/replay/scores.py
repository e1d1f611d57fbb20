"""How good answers were: scores in the log, and scores of the same calls on other models from a file."""

from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from costsim.errors import ConfigError
from costsim.policies.columns import Columns, Ints
from costsim.prices import PriceTable
from costsim.replay.decisions import IDS, MODELS, column, insist_on_one, models_of, read_table
from costsim.schema import as_arrow, distinct

MILLION = 10**6
"""Scores are integers of 10^-6, so that their sums are the same in any order."""
UNSCORED = -1

_SCORES = ("score", "quality", "rating")


class Scores(msgspec.Struct):
    """Scores from 0 to 1 by call and model."""

    _known: dict[int, tuple[pa.Array, Ints]] = msgspec.field(default_factory=dict)
    """Model -> ids of calls, and the score of each."""

    def read(self, path: Path, prices: PriceTable) -> None:
        """Read a file of call id, model and score (CSV, JSONL or Parquet); ConfigError for a score beyond 0 to 1."""
        table = read_table(path, "scores")
        ids = column(table, IDS, path, pa.string())
        models = models_of(column(table, MODELS, path, pa.string()), path, prices)
        scores = pc.fill_null(column(table, _SCORES, path, pa.float64()), -1.0).to_numpy()
        if len(scores) and not (scores.min() >= 0 and scores.max() <= 1):
            raise ConfigError("a score is missing, or not from 0 to 1", where=str(path))
        for model in distinct(models[models >= 0]).tolist():
            rows = np.flatnonzero(models == model)
            of_model, found = ids.take(as_arrow(rows)), np.rint(scores[rows] * MILLION).astype(np.int64)
            insist_on_one(of_model, found, path, f"two scores on {prices.book.keys[model]}")
            self._known[model] = of_model, found

    def of(self, columns: Columns, rows: Ints, model: Ints, logged: Ints) -> Ints:
        """Return the score of each call on each model, in 10^-6; UNSCORED where there is none.

        What the file says comes before what the log says of its own model.
        """
        own = columns.calls.column("quality").fill_null(-1.0).to_numpy()[rows]
        of_log = np.where(own < 0, UNSCORED, np.rint(np.minimum(own, 1.0) * MILLION)).astype(np.int64)
        found = np.where(model == logged, of_log, UNSCORED)
        for index, (ids, scores) in self._known.items():
            which = np.flatnonzero(model == index)
            if len(which):
                asked = columns.calls.column("call_id").take(as_arrow(rows[which]))
                place = pc.fill_null(pc.index_in(asked, ids), len(scores)).to_numpy().astype(np.int64)
                said = np.append(scores, UNSCORED)[place]
                found[which] = np.where(said == UNSCORED, found[which], said)
        return found

    def __bool__(self) -> bool:
        return bool(self._known)
