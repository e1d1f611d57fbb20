"""Fits the weights of the task classifier to labelled prompts, and writes src/costsim/tasks/weights.json.

    python -m scripts.fit_tasks LABELS.jsonl

Each row has `prompt`, `label`, `source` and perhaps `system`. What is fitted is a multinomial logistic
regression over the signals of signals.yaml that is pulled towards the points stated there: a weight leaves
what a person wrote only as far as many sources ask for it. Every source counts by the square root of its
rows. The confidence is fitted on guesses about sources that the weights had not seen. No text of a row goes
into the weights.

Three sources are our own, work_prompts.jsonl: what people of a dozen trades ask, in their manner. Signals were thought
of while looking at them, so that they are always fitted on, and never measured on.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from costsim.tasks.findings import findings
from costsim.tasks.labels import Shape
from costsim.tasks.model import LABELS, Fitted, Model, build, read_signals

Floats = NDArray[np.float64]

PULL = 0.03
"""How strongly weights are held to the stated points: the best of four strengths on sources left out."""

BIAS_PULL = 0.05
NOISE = 0.05
ONLY_TO_MEASURE = "unstated"
"""The licence of rows that nothing may be fitted on."""

STEPS = 120
OURS = Path(__file__).with_name("work_prompts.jsonl")
WEIGHTS = Path(__file__).parents[1] / "src" / "costsim" / "tasks" / "weights.json"


class Row(msgspec.Struct):
    """One labelled prompt."""

    prompt: str
    label: str
    source: str
    system: str | None = None
    licence: str = ""


class Data(NamedTuple):
    """Labelled prompts as numbers: rows x signals, each row's task as its place in LABELS, and its source."""

    signals: Floats
    labels: NDArray[np.int64]
    sources: NDArray[np.str_]


def read_rows(path: Path) -> list[Row]:
    """Return the labelled prompts of a JSONL file."""
    return [msgspec.json.decode(line, type=Row) for line in path.read_bytes().splitlines() if line.strip()]


def measure(model: Model, rows: list[Row]) -> Data:
    """Return what the model sees in each row."""
    signals = np.zeros((len(rows), len(model.names)))
    for number, row in enumerate(rows):
        for one in findings(model, row.system or "", row.prompt, Shape()):
            signals[number, one.signal] += one.share
    labels = np.array([LABELS.index(row.label) for row in rows])
    return Data(signals, labels, np.array([row.source for row in rows]))


def only(data: Data, chosen: NDArray[np.bool_]) -> Data:
    """Return the chosen rows."""
    return Data(data.signals[chosen], data.labels[chosen], data.sources[chosen])


def fit(data: Data, stated: Floats) -> tuple[Floats, Floats]:
    """Return the (weights, bias) near the `stated` weights that best tell these labels."""
    counts = dict(zip(*np.unique(data.sources, return_counts=True), strict=True))
    share = np.array([counts[source] ** -0.5 for source in data.sources])
    share /= share.sum()
    truth = np.eye(len(LABELS))[data.labels]
    start = np.vstack([stated, np.zeros(len(LABELS))])
    pull = np.vstack([np.full_like(stated, PULL), np.full(len(LABELS), BIAS_PULL)])
    inputs = np.hstack([data.signals, np.ones((len(truth), 1))])
    weighted = (inputs * share[:, None]).T.copy()
    found = _descend(start, lambda at: weighted @ (softmax(inputs @ at) - truth) + pull * (at - start))
    return found[:-1], found[-1]


def _descend(start: Floats, gradient: Callable[[Floats], Floats]) -> Floats:
    """Follow a gradient from `start` by Adam's rule."""
    at, slow, size = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for step in range(1, STEPS + 1):
        slope = gradient(at)
        slow = 0.9 * slow + 0.1 * slope
        size = 0.99 * size + 0.01 * slope**2
        rate = 0.1 if step < 0.6 * STEPS else 0.03
        at -= rate * (slow / (1 - 0.9**step)) / (np.sqrt(size / (1 - 0.99**step)) + 1e-6)
    return at


def softmax(scores: Floats) -> Floats:
    """Return each row's scores as probabilities."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def together(first: Data, second: Data) -> Data:
    """Return the rows of both."""
    return Data(*(np.concatenate(pair) for pair in zip(first, second, strict=True)))


def scores_left_out(data: Data, ours: Data, stated: Floats) -> Floats:
    """Return each row's scores by weights that have not seen its source, but all others and ours."""
    scores = np.zeros((len(data.labels), len(LABELS)))
    for source in np.unique(data.sources):
        out = data.sources == source
        weights, bias = fit(together(only(data, ~out), ours), stated)
        scores[out] = data.signals[out] @ weights + bias
    return scores


def leads(scores: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return each row's best task and its lead over the next, the lead as `guess` cuts it off."""
    ranked = np.sort(scores, axis=1)
    return scores.argmax(axis=1), np.minimum(ranked[:, -1] - ranked[:, -2], 12.0)


def fit_confidence(scores: Floats, labels: NDArray[np.int64]) -> tuple[float, float]:
    """Return (slope, level) of the log odds, over its lead, that a guess is right.

    A level for each task was tried: on sources left out it ranked the guesses worse and was less calibrated.
    """
    best, lead = leads(scores)
    right = (best == labels).astype(float)[:, None]
    inputs = np.stack([lead, np.ones(len(best))], axis=1)
    found = _descend(np.zeros((2, 1)), lambda at: inputs.T @ (1 / (1 + np.exp(-(inputs @ at))) - right) / len(best))
    return float(found[0, 0]), float(found[1, 0])


def fitted_to(model: Model, data: Data) -> Fitted:
    """Return the points for these rows and ours, and the confidence for these."""
    stated, ours = np.array(model.by_hand)[:, :-1], measure(model, read_rows(OURS))
    weights, bias = fit(together(data, ours), stated)
    slope, level = fit_confidence(scores_left_out(data, ours, stated), data.labels)
    moved = {name: _moved(stated[number], weights[number]) for number, name in enumerate(model.names)}
    return Fitted(
        bias={task: round(float(points), 2) for task, points in zip(LABELS, bias, strict=True)},
        points={name: points for name, points in moved.items() if points},
        slope=round(slope, 3),
        level=round(level, 3),
    )


def _moved(stated: Floats, fitted: Floats) -> dict[str, float]:
    """The fitted points of a signal that differ from the stated ones by more than noise."""
    changes = zip(LABELS, stated, fitted, strict=True)
    return {task: round(float(new), 2) for task, old, new in changes if abs(new - old) >= NOISE}


def main() -> None:
    """Fit and write."""
    model = build(read_signals(), Fitted())
    rows = [row for row in read_rows(Path(sys.argv[1])) if row.licence != ONLY_TO_MEASURE]
    fitted = fitted_to(model, measure(model, rows))
    WEIGHTS.write_bytes(msgspec.json.format(msgspec.json.encode(fitted), indent=1) + b"\n")


if __name__ == "__main__":
    main()
