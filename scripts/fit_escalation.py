"""Fit what is known of a rate of escalation before anything is given or seen: src/costsim/replay/escalation.json.

    python -m scripts.fit_escalation OUTCOMES.parquet [--write]

OUTCOMES: dataset, task, prompt_id, model, score. A figure is how many of the prompts that a set's best model answers
with a score of 0.5 or more another model does not. Over all sets their log odds are a mixed model: set + model in the
set + chance, with variances of maximal restricted likelihood, so that each set of prompts counts for about as much as
any other, however many models answered it. What it predicts for another model on other work is the prior. Tasks are
tried as a further effect; no row goes into the file, only what comes out. One thread (OMP_NUM_THREADS=1) is fastest.
"""

from itertools import product
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scripts.command_line import file, parser_of

from costsim.replay.prior import EscalationPrior

Floats = NDArray[np.float64]

FITTED = Path(__file__).parents[1] / "src" / "costsim" / "replay" / "escalation.json"
LEAST = 0.5
FEWEST = 100
"""Prompts that a model must share with the best one."""
_SDS = np.concatenate([[0.0], np.geomspace(0.1, 3, 41)])
"""Standard deviations that are tried."""
_NINETY = 1.645


class Figure(NamedTuple):
    """One model on one set of prompts."""

    dataset: str
    task: str
    model: str
    failed: int
    prompts: int


def figures(outcomes: Path) -> list[Figure]:
    """Return the figure of every model but the best of each set and task."""
    table = pq.read_table(outcomes, columns=["dataset", "task", "prompt_id", "model", "score"]).drop_null()
    dataset, task, model, prompt = (
        pc.cast(table[name], "string").to_numpy() for name in ("dataset", "task", "model", "prompt_id")
    )
    passed = table["score"].to_numpy() >= LEAST
    found = []
    for one in sorted(set(zip(dataset.tolist(), task.tolist(), strict=True))):
        of_set = np.flatnonzero((dataset == one[0]) & (task == one[1]))
        by_model = {name: of_set[model[of_set] == name] for name in sorted(set(model[of_set].tolist()))}
        best = max(by_model, key=lambda name: (passed[by_model[name]].mean(), name))
        solved = set(prompt[by_model[best]][passed[by_model[best]]].tolist())
        for name, rows in by_model.items():
            shared = rows[[each in solved for each in prompt[rows].tolist()]]
            if name != best and len(shared) >= FEWEST:
                found.append(Figure(*one, name, int((~passed[shared]).sum()), len(shared)))
    return found


class Odds:
    """Log odds of failing, with the errors of counting and which figures are of one set or task."""

    def __init__(self, some: list[Figure]) -> None:
        failed, prompts = (np.array([getattr(each, name) for each in some]) for name in ("failed", "prompts"))
        self.log = np.log((failed + 0.5) / (prompts - failed + 0.5))
        self._chance = 1 / (failed + 0.5) + 1 / (prompts - failed + 0.5)
        sets, tasks = np.array([f"{each.dataset}/{each.task}" for each in some]), np.array([each.task for each in some])
        self._same_set, self._same_task = sets[:, None] == sets, tasks[:, None] == tasks

    def fitted(self, of_set: float, of_model: float, of_task: float = 0.0) -> tuple[float, float, float]:
        """Return the restricted log likelihood of these standard deviations, the mean, and the error of the mean."""
        covariance = self._same_set * of_set**2 + self._same_task * of_task**2 + np.diag(of_model**2 + self._chance)
        inverse = np.linalg.inv(covariance)
        certainty = inverse.sum()
        mean = float((inverse @ self.log).sum() / certainty)
        rest = self.log - mean
        likelihood = (np.linalg.slogdet(inverse)[1] - np.log(certainty) - rest @ inverse @ rest) / 2
        return float(likelihood), mean, float(certainty**-0.5)


def prior(some: list[Figure]) -> EscalationPrior:
    """Return what the figures say of another model on other work."""
    odds = Odds(some)
    of_set, of_model = max(product(_SDS, _SDS[1:]), key=lambda sds: odds.fitted(*sds)[0])
    _, mean, error = odds.fitted(of_set, of_model)
    sd = float(np.sqrt(of_set**2 + of_model**2 + error**2))
    rate, calls = as_share(mean, sd)
    low, high = (1 / (1 + np.exp(-(mean + side * sd))) for side in (-_NINETY, _NINETY))
    sets = {(each.dataset, each.task) for each in some}
    return EscalationPrior(
        round(rate, 3), round(calls, 2), round(float(low), 3), round(float(high), 3), len(sets), len(some)
    )


def as_share(mean: float, sd: float) -> tuple[float, float]:
    """Return the mean share of normal log odds, and the number of calls from which one would know it as well."""
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    shares, weights = 1 / (1 + np.exp(-(mean + sd * points))), weights / weights.sum()
    share = float(weights @ shares)
    return share, share * (1 - share) / float(weights @ (shares - share) ** 2) - 1


def gain_of_tasks(some: list[Figure]) -> float:
    """Return how much likelier the figures are where tasks differ; below 2 they may as well not."""
    odds = Odds(some)
    few = _SDS[::3]
    without = max(odds.fitted(*sds)[0] for sds in product(few, few[1:]))
    return max(odds.fitted(*sds)[0] for sds in product(few, few[1:], few)) - without


def main() -> None:
    """Print what was found, and write it if asked to."""
    parser = parser_of(__doc__)
    parser.add_argument("outcomes", type=file, metavar="OUTCOMES.parquet")
    parser.add_argument("--write", action="store_true", help="write the file anew, not only print")
    asked = parser.parse_args()
    some = figures(asked.outcomes)
    for one in sorted({(each.dataset, each.task) for each in some}):
        rates = [each.failed / each.prompts for each in some if (each.dataset, each.task) == one]
        marks = ", ".join(f"{mark:.1%}" for mark in np.quantile(rates, [0.05, 0.5, 0.95]))
        print(f"{'/'.join(one):32} {len(rates):3} models: {marks} (5, 50, 95 %)")
    found = prior(some)
    print(f"another model on other work: {found}")
    print(f"log likelihood gained by an effect of tasks: {gain_of_tasks(some):.2f}")
    if asked.write:
        FITTED.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")


if __name__ == "__main__":
    main()
