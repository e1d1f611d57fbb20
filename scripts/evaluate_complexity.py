"""Measures complexity against how many models failed a prompt, as a rank correlation for each dataset and for all.

    python -m scripts.evaluate_complexity OUTCOMES.parquet PROMPTS.parquet

Outcomes have `dataset`, `prompt_id`, `model` and `score`; prompts have `dataset`, `prompt_id` and `prompt`. What one
half of the models fails is compared with what the other half does, too: it shows the noise. Points for
hardness fitted to these ranks were tried, by ridge regression towards the stated ones: on datasets left out, and those
made of the same questions, they did no better, however strong the pull, so none are shipped.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scripts.command_line import file, parser_of

from costsim.tasks import Classifier, Shape

Floats = NDArray[np.float64]


def rows_of(path: Path, columns: list[str]) -> list[dict[str, Any]]:
    """Return these columns of a Parquet file as rows."""
    rows: list[dict[str, Any]] = pq.read_table(path, columns=columns).to_pylist()
    return rows


def failures(path: Path) -> dict[tuple[str, str], list[float]]:
    """Return of each prompt that has scores how many of all its models failed it, of one half, and of the other."""
    scores: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in rows_of(path, ["dataset", "prompt_id", "model", "score"]):
        if row["score"] is not None:
            of_prompt = scores.setdefault((row["dataset"], row["prompt_id"]), {})
            of_prompt.setdefault(row["model"], []).append(row["score"])
    return {key: _failed(found) for key, found in scores.items()}


def _failed(scores: dict[str, list[float]]) -> list[float]:
    fails = [float(np.mean(scores[model]) < 0.5) for model in sorted(scores)]
    return [sum(some) for some in (fails, fails[::2], fails[1::2])]


def ranks(values: Floats) -> Floats:
    """Return the rank of each value; equal values share the middle of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    middles: Floats = np.cumsum(counts) - (counts - 1) / 2
    return middles[places]


def rank_correlation(left: Floats, right: Floats) -> float:
    """Return Spearman's rank correlation; 0 where one side does not vary."""
    if np.ptp(left) == 0 or np.ptp(right) == 0:
        return 0.0
    return float(np.corrcoef(ranks(left), ranks(right))[0, 1])


def main() -> None:
    """Measure and print."""
    parser = parser_of(__doc__)
    parser.add_argument("outcomes", type=file, metavar="OUTCOMES.parquet")
    parser.add_argument("prompts", type=file, metavar="PROMPTS.parquet")
    asked = parser.parse_args()
    failed, classifier = failures(asked.outcomes), Classifier()
    prompts = [
        row
        for row in rows_of(asked.prompts, ["dataset", "prompt_id", "prompt"])
        if (row["dataset"], row["prompt_id"]) in failed
    ]
    datasets = np.array([row["dataset"] for row in prompts])
    truth, *halves = np.array([failed[row["dataset"], row["prompt_id"]] for row in prompts]).T
    score = np.array([classifier.guess("", row["prompt"], Shape()).score for row in prompts])
    length = np.array([float(len(row["prompt"])) for row in prompts])
    for name in (*np.unique(datasets), "all"):
        inside = (datasets == name) | (name == "all")
        found, by_length = (rank_correlation(one[inside], truth[inside]) for one in (score, length))
        same = rank_correlation(*(half[inside] for half in halves))
        print(
            f"{name:16} {inside.sum():6} prompts, complexity {found:6.3f}, length {by_length:6.3f}, halves {same:6.3f}"
        )


if __name__ == "__main__":
    main()
