"""Fits the weights of the task classifier to labelled prompts, and writes weights.json and words.json of costsim.tasks.

    python -m scripts.fit_tasks LABELS.jsonl

Each row has `prompt`, `label`, `source` and perhaps `system`. What is fitted is a multinomial logistic
regression over the signals of signals.yaml that is pulled towards the points stated there: a weight leaves
what a person wrote only as far as many sources ask for it. Every source counts by the square root of its
rows. The confidence is fitted on guesses about sources that the weights had not seen. No text of these rows goes
into the weights.

Some sources are our own, work_prompts.jsonl: what people of a dozen trades ask, in their manner. Signals were thought
of while looking at them, so that they are always fitted on, and never measured on. What the signals leave open there
is told by single words as far as it can be: each word of two or more of these prompts has a small weight of its own.
The words of public sources are no help: fitted on them, words made guesses about others worse.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scripts.command_line import file, parser_of

from costsim.tasks.findings import OPEN, findings
from costsim.tasks.labels import Shape
from costsim.tasks.model import LABELS, SCALE, Fitted, Model, Words, build, read_signals
from costsim.tasks.reading import FIRST, LAST, ends, excerpt, normalise, words_of

Floats = NDArray[np.float64]

PULL = 0.03
"""How strongly weights are held to the stated points: the best of four strengths on sources left out."""

BIAS_PULL = 0.05
NOISE = 0.05
ONLY_TO_MEASURE = "unstated"
"""The licence of rows that nothing may be fitted on."""

OURS_COUNT = 3.0
"""How many public sources one of ours counts as."""

WORD_PULL = 0.002
"""How strongly the weight of a word is held to nothing."""

FEWEST_ROWS = 2
"""Rows of ours that a word stands in before it has a weight."""

STEPS = 120
OUR_NAME = "work-"
"""What the names of our own sources begin with."""

UNREAD = ("work-4", "work-5", "work-6", "work-11")
"""Our sources that were written after the signals, so that guesses about them are no surer than they should be."""

OURS = Path(__file__).with_name("work_prompts.jsonl")
WEIGHTS = Path(__file__).parents[1] / "src" / "costsim" / "tasks" / "weights.json"
WORDS = WEIGHTS.with_name("words.json")


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
    share = _shares(data.sources)
    truth = np.eye(len(LABELS))[data.labels]
    start = np.vstack([stated, np.zeros(len(LABELS))])
    pull = np.vstack([np.full_like(stated, PULL), np.full(len(LABELS), BIAS_PULL)])
    inputs = np.hstack([data.signals, np.ones((len(truth), 1))])
    weighted = (inputs * share[:, None]).T.copy()
    found = _descend(start, lambda at: weighted @ (softmax(inputs @ at) - truth) + pull * (at - start))
    return found[:-1], found[-1]


def _shares(sources: NDArray[np.str_]) -> Floats:
    """What each row counts: a source by the square root of its rows, one of ours OURS_COUNT times that."""
    _, which, counts = np.unique(sources, return_inverse=True, return_counts=True)
    share = counts[which] ** -0.5 * np.where(np.char.startswith(sources, OUR_NAME), OURS_COUNT, 1.0)
    result: Floats = share / share.sum()
    return result


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


def words_in(rows: list[Row]) -> list[set[str]]:
    """Return the words that are looked at in each row where its task is open."""
    read = (words_of(normalise(ends(excerpt(row.prompt, FIRST, LAST))))[0] for row in rows)
    return [{word.decode("utf-8", "ignore") for word in words} for words in read]


def fit_words(rows: list[Row], data: Data, weights: Floats, bias: Floats) -> Words:
    """Return what each word of `rows` adds to the weights' scores for them."""
    said = words_in(rows)
    often = Counter(word for words in said for word in words)
    known = sorted(word for word, count in often.items() if count >= FEWEST_ROWS)
    shown = np.array([[word in words for word in known] for words in said], dtype=float)
    scores, truth = data.signals @ weights + bias, np.eye(len(LABELS))[data.labels]
    found = _descend(
        np.zeros((len(known), len(LABELS))),
        lambda at: shown.T @ (softmax(scores + shown @ at) - truth) / len(rows) + WORD_PULL * at,
    )
    points = {word: _moved(np.zeros(len(LABELS)), row) for word, row in zip(known, found, strict=True)}
    return {word: row for word, row in points.items() if row}


def with_words(scores: Floats, rows: list[Row], words: Words) -> Floats:
    """Return the scores, those that are open with the points of the rows' words."""
    ranked = np.sort(scores, axis=1)
    is_open = ranked[:, -1] - ranked[:, -2] < OPEN / SCALE
    table = {word: np.array([points.get(task, 0.0) for task in LABELS]) for word, points in words.items()}
    said = words_in(rows)
    added = [sum((table[word] for word in words if word in table), np.zeros(len(LABELS))) for words in said]
    result: Floats = np.where(is_open[:, None], scores + np.array(added), scores)
    return result


def together(first: Data, second: Data) -> Data:
    """Return the rows of both."""
    return Data(*(np.concatenate(pair) for pair in zip(first, second, strict=True)))


def scores_left_out(rows: list[Row], data: Data, model: Model) -> Floats:
    """Return each row's scores by weights that have not seen its source, but all others and ours."""
    spoken = read_rows(OURS)
    ours = measure(model, spoken)
    scores = np.zeros((len(data.labels), len(LABELS)))
    for source in np.unique(data.sources):
        out = data.sources == source
        scores[out] = _scores(_chosen(rows, out), only(data, out), only(data, ~out), spoken, ours, stated_points(model))
    return scores


def our_scores_left_out(data: Data, model: Model) -> tuple[Floats, Data]:
    """Return the scores of our UNREAD rows by weights and words that have not seen their source; and these rows."""
    spoken = read_rows(OURS)
    ours = measure(model, spoken)
    scores = np.zeros((len(spoken), len(LABELS)))
    for source in UNREAD:
        out = ours.sources == source
        others = _chosen(spoken, ~out)
        scores[out] = _scores(
            _chosen(spoken, out), only(ours, out), data, others, only(ours, ~out), stated_points(model)
        )
    unread = np.isin(ours.sources, UNREAD)
    return scores[unread], only(ours, unread)


def _scores(rows: list[Row], of: Data, data: Data, spoken: list[Row], ours: Data, stated: Floats) -> Floats:
    """The scores of `rows`, measured as `of`, by what is fitted on `data` and on our `spoken` rows."""
    weights, bias = fit(together(data, ours), stated)
    return with_words(of.signals @ weights + bias, rows, fit_words(spoken, ours, weights, bias))


def _chosen(rows: list[Row], which: NDArray[np.bool_]) -> list[Row]:
    return [rows[number] for number in np.flatnonzero(which)]


def stated_points(model: Model) -> Floats:
    """Return the points of signals.yaml: signals x tasks."""
    return np.array(model.by_hand)[:, :-1]


def leads(scores: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return each row's best task and its lead over the next, the lead as `guess` cuts it off."""
    ranked = np.sort(scores, axis=1)
    return scores.argmax(axis=1), np.minimum(ranked[:, -1] - ranked[:, -2], 12.0)


def fit_confidence(scores: Floats, data: Data, our_scores: Floats, ours: Data) -> tuple[float, float]:
    """Return (slope, level) of the log odds, over its lead, that a guess is right; scores are of sources left out.

    Every source counts by the square root of its rows, so that no single one says how sure to be, and ours together as
    much as the public ones, whose labels are more often arguable than what people ask at work. A level for each task
    was tried: on sources left out it ranked the guesses worse and was less calibrated.
    """
    best, lead = leads(np.vstack([scores, our_scores]))
    right = (best == np.concatenate([data.labels, ours.labels])).astype(float)[:, None]
    inputs = np.stack([lead, np.ones(len(best))], axis=1)
    share = np.concatenate([_shares(data.sources), _shares(ours.sources)])[:, None] / 2
    found = _descend(np.zeros((2, 1)), lambda at: inputs.T @ (share * (1 / (1 + np.exp(-(inputs @ at))) - right)))
    return float(found[0, 0]), float(found[1, 0])


def fitted_to(model: Model, rows: list[Row]) -> tuple[Fitted, Words]:
    """Return the points for these rows and ours and the confidence for these, and the words of ours."""
    data, stated, spoken = measure(model, rows), stated_points(model), read_rows(OURS)
    ours = measure(model, spoken)
    weights, bias = fit(together(data, ours), stated)
    slope, level = fit_confidence(scores_left_out(rows, data, model), data, *our_scores_left_out(data, model))
    moved = {name: _moved(stated[number], weights[number]) for number, name in enumerate(model.names)}
    fitted = Fitted(
        bias={task: round(float(points), 2) for task, points in zip(LABELS, bias, strict=True)},
        points={name: points for name, points in moved.items() if points},
        slope=round(slope, 3),
        level=round(level, 3),
    )
    return fitted, fit_words(spoken, ours, weights, bias)


def _moved(stated: Floats, fitted: Floats) -> dict[str, float]:
    """The fitted points of a signal that differ from the stated ones by more than noise."""
    changes = zip(LABELS, stated, fitted, strict=True)
    return {task: round(float(new), 2) for task, old, new in changes if abs(new - old) >= NOISE}


def main() -> None:
    """Fit and write."""
    model = build(read_signals(), Fitted())
    parser = parser_of(__doc__)
    parser.add_argument("labels", type=file, metavar="LABELS.jsonl")
    rows = [row for row in read_rows(parser.parse_args().labels) if row.licence != ONLY_TO_MEASURE]
    fitted, words = fitted_to(model, rows)
    WEIGHTS.write_bytes(msgspec.json.format(msgspec.json.encode(fitted), indent=1) + b"\n")
    lines = (msgspec.json.encode(word) + b": " + msgspec.json.encode(points) for word, points in words.items())
    WORDS.write_bytes(b"{\n" + b",\n".join(lines) + b"\n}\n")


if __name__ == "__main__":
    main()
