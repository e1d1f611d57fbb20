"""Measures what the classifier takes for what, and writes src/costsim/tasks/confusion.json.

    python -m scripts.measure_confusion LABELS.jsonl

Each guess is made by weights and a confidence that have not seen its source, and is `unknown` below the usual
threshold. Rows that nothing may be fitted on are left out. Only counts are written.
"""

from collections import Counter

import msgspec
from scripts.command_line import file, parser_of
from scripts.evaluate_tasks import guesses_left_out
from scripts.fit_tasks import ONLY_TO_MEASURE, WEIGHTS, Row, read_rows

from costsim.tasks.confusion import Measured
from costsim.tasks.labels import TASKS, Guess

CONFUSION = WEIGHTS.with_name("confusion.json")


def measured(rows: list[Row], guesses: list[Guess]) -> Measured:
    """Return the counts of labels by guess, in the order of TASKS."""
    pairs = Counter((guess.task, row.label) for row, guess in zip(rows, guesses, strict=True))
    counts = {
        guess: {label: pairs[guess, label] for label in TASKS if (guess, label) in pairs}
        for guess in TASKS
        if any(guess == one for one, _ in pairs)
    }
    return Measured(len(rows), len({row.source for row in rows}), counts)


def main() -> None:
    """Measure and write."""
    parser = parser_of(__doc__)
    parser.add_argument("labels", type=file, metavar="LABELS.jsonl")
    rows = [row for row in read_rows(parser.parse_args().labels) if row.licence != ONLY_TO_MEASURE]
    found = measured(rows, guesses_left_out(rows))
    CONFUSION.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")


if __name__ == "__main__":
    main()
