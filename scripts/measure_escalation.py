"""How often a cheaper model fails what the best one solves, on public outcomes: the prior of escalation rates.

`python -m scripts.measure_escalation OUTCOMES.parquet` prints, over all models of all sets that have scores, the share
of prompts on which a model's score is below 0.5 among those that the set's best model answers with 0.5 or more.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

LEAST = 0.5
FEWEST = 100
"""Prompts that a model must share with the best one."""


def rates(outcomes: Path) -> list[float]:
    """Return the rate of every model but the best of each set and task."""
    table = pq.read_table(outcomes, columns=["dataset", "task", "prompt_id", "model", "score"]).drop_null()
    names = table["dataset"].cast("string").to_numpy(), table["task"].cast("string").to_numpy()
    sets = np.char.add(names[0].astype(str), names[1].astype(str))
    models = table["model"].cast("string").to_numpy()
    prompts = np.asarray(pc.cast(table["prompt_id"], "string"))
    passed = table["score"].to_numpy() >= LEAST
    found = []
    for one in np.unique(sets):
        of_set = np.flatnonzero(sets == one)
        by_model = {model: of_set[models[of_set] == model] for model in np.unique(models[of_set])}
        best = max(by_model, key=lambda model: (passed[by_model[model]].mean(), model))
        solved = set(prompts[by_model[best]][passed[by_model[best]]])
        for model, rows in by_model.items():
            shared = rows[[prompt in solved for prompt in prompts[rows]]]
            if model != best and len(shared) >= FEWEST:
                found.append(float(1 - passed[shared].mean()))
    return found


def main() -> None:
    """Print the quantiles of the rates."""
    found = rates(Path(sys.argv[1]))
    marks = np.quantile(found, [0.05, 0.25, 0.5, 0.75, 0.95])
    print(f"{len(found)} models: " + ", ".join(f"{mark:.1%}" for mark in marks) + " (5, 25, 50, 75, 95 %)")


if __name__ == "__main__":
    main()
