"""Measures the task classifier on labelled prompts, every source left out in turn.

    python -m scripts.evaluate_tasks LABELS.jsonl [--shipped]

Weights and confidence of a source's guesses are fitted on the other sources, and the weights on our own prompts.
`--shipped` measures the weights that ship instead, which have seen these sources. Then every source is taken for a
route, whose calls vote: over all, and over the sources of several labels alone, which must not lose.
"""

import numpy as np
from scripts.command_line import file, parser_of
from scripts.fit_tasks import Row, fit_confidence, leads, measure, only, our_scores_left_out, read_rows, scores_left_out

from costsim.ingest.ties import votes
from costsim.ingest.ties.adopted import CERTAIN
from costsim.tasks.classifier import DEFAULT_THRESHOLD, Classifier
from costsim.tasks.evaluation import Evaluation, evaluate
from costsim.tasks.labels import TASKS, UNKNOWN, Guess, Shape
from costsim.tasks.model import LABELS, Fitted, build, read_signals


def guesses_left_out(rows: list[Row]) -> list[Guess]:
    """Return a guess for each row by weights and a confidence that have not seen its source."""
    model = build(read_signals(), Fitted())
    data = measure(model, rows)
    scores, ours = scores_left_out(rows, data, model), our_scores_left_out(data, model)
    guesses = [Guess(UNKNOWN, 0.0, "simple", 0.0)] * len(data.labels)
    for source in np.unique(data.sources):
        out = data.sources == source
        slope, level = fit_confidence(scores[~out], only(data, ~out), *ours)
        best, lead = leads(scores[out])
        sure = 1 / (1 + np.exp(-(level + slope * lead)))
        for row, task, confidence in zip(np.flatnonzero(out), best, sure, strict=True):
            known = LABELS[task] if confidence >= DEFAULT_THRESHOLD else UNKNOWN
            guesses[row] = Guess(known, float(confidence), "simple", 0.0)
    return guesses


def show(title: str, found: Evaluation) -> None:
    """Print an evaluation."""
    print(
        f"{title}: {found.rows} rows, macro-F1 {found.macro_f1:.3f}, accuracy {found.accuracy:.3f},"
        f" at 80 % coverage {found.accuracy_at(0.8):.3f}, calibration error {found.calibration_error:.3f}"
    )
    for task in found.tasks:
        wrong = sorted(((n, to) for to, n in found.confusion[task.task].items() if to != task.task), reverse=True)[:3]
        print(f"  {task.task:20} {task.rows:5} precision {task.precision:.2f} recall {task.recall:.2f}", wrong)
    for one in found.calibration:
        band = f"{one.low:.1f}-{one.high:.1f}"
        print(f"  confidence {band} {one.rows:5} rows, right {one.accuracy:.2f}, said {one.confidence:.2f}")


def voted(rows: list[Row], guesses: list[Guess]) -> list[Guess]:
    """Return the guesses after the calls of each source have voted, as ingestion lets those of a route vote."""
    _, source = np.unique([row.source for row in rows], return_inverse=True)
    task = np.array([TASKS.index(guess.task) for guess in guesses], np.int64)
    sure = np.rint(np.array([guess.confidence for guess in guesses]) * CERTAIN).astype(np.int64)
    weights = votes.weigh(source, task, sure, (int(source.max()) + 1, len(TASKS)))
    winner, share = votes.elect(weights, TASKS.index(UNKNOWN))
    large = np.bincount(source) >= votes.FEWEST
    adopts = (large & (share >= votes.CLEAR))[source] & (sure < votes.UNSURE)
    return [
        Guess(TASKS[winner[of]], float(share[of]), guess.complexity, guess.score) if adopted else guess
        for guess, of, adopted in zip(guesses, source.tolist(), adopts.tolist(), strict=True)
    ]


def show_votes(rows: list[Row], guesses: list[Guess]) -> None:
    """Print what votes change, over all rows and over sources of several labels."""
    labels: dict[str, set[str]] = {}
    for row in rows:
        labels.setdefault(row.source, set()).add(row.label)
    after = voted(rows, guesses)
    for title, chosen in (
        ("all sources", rows),
        ("mixed sources", [row for row in rows if len(labels[row.source]) > 1]),
    ):
        kept = {id(row) for row in chosen}
        before, then = (
            sum(row.label == guess.task for row, guess in zip(rows, some, strict=True) if id(row) in kept)
            for some in (guesses, after)
        )
        print(f"votes, {title}: accuracy {before / len(chosen):.3f} -> {then / len(chosen):.3f}")


def main() -> None:
    """Measure and print."""
    parser = parser_of(__doc__)
    parser.add_argument("labels", type=file, metavar="LABELS.jsonl")
    parser.add_argument("--shipped", action="store_true", help="measure the weights that ship, which have seen these")
    asked = parser.parse_args()
    rows = read_rows(asked.labels)
    labels = [row.label for row in rows]
    if asked.shipped:
        classifier = Classifier()
        guesses = [classifier.guess(row.system or "", row.prompt, Shape()) for row in rows]
    else:
        guesses = guesses_left_out(rows)
    show("all sources", evaluate(zip(labels, guesses, strict=True)))
    show_votes(rows, guesses)
    for source in sorted({row.source for row in rows}):
        chosen = [(row.label, guess) for row, guess in zip(rows, guesses, strict=True) if row.source == source]
        print(f"  {source:32} {len(chosen):5} accuracy {sum(a == b.task for a, b in chosen) / len(chosen):.2f}")


if __name__ == "__main__":
    main()
