"""Answers that are one of a few words, again and again: the calls of such a system prompt or route classify.

What one answer says of its own call is the classifier's; here counts only how answers come back over the whole log.
They are hashed as they come in, and the hashes are gone when the log is read.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from costsim.ingest.ties.adopted import CERTAIN
from costsim.schema import text_of
from costsim.tasks import TASKS, UNKNOWN
from costsim.tasks.confusion import confusion

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NONE, LONG = 0, 1
"""What stands in place of a hash for no answer, and for one that can be no label."""
SHORT = 48
"""Bytes of an answer that may be a label, as the log has it."""

FEWEST = 20
"""Different prompts that were answered with labels, at least."""
NEARLY_ALL = 0.9
"""Share of the answers that are short, and of the short ones that came more than once."""
MOST_LABELS, PROMPTS_A_LABEL = 30, 4
_MOST_PROMPTS = max(FEWEST, PROMPTS_A_LABEL * MOST_LABELS)
"""Different prompts that say as much as more of them would."""
LIKELIER = 100
"""So many times likelier is a classification to be answered like this than other work: a judgement, not measured."""

LEAST_WRONG = 0.05
"""Of wrong guesses of any task, so many at least are taken for classifications that were not seen as such."""

CLASSIFICATION, _UNKNOWN = TASKS.index("classification"), TASKS.index(UNKNOWN)

_NO_LABEL = re.compile(rb"[^a-z\x80-\xff]*[a-z]?[^a-z\x80-\xff]*")
"""Numbers, and the letters of options: sums and multiple choice are answered so too."""


def marks_of(answers: Sequence[str | bytes | None]) -> Ints:
    """Return a hash of each answer that may be a label, LONG for another, NONE for none."""
    marks = [(_mark(answer) if len(answer) <= SHORT else LONG) if answer else NONE for answer in answers]
    return np.array(marks, np.uint64).view(np.int64)


@lru_cache(maxsize=4096)  # labels come again and again
def _mark(answer: str | bytes) -> int:
    """The mark of a short answer, whatever its case and the blanks and stops around it."""
    text = text_of(("assistant", answer)).encode("utf-8", "replace")
    word = text.strip(b" \t\r\n.!\"'`*").lower()
    if not word or _NO_LABEL.fullmatch(word):
        return LONG if word else NONE
    return xxh3_64_intdigest(word) | 2


def labelling(calls: Iterable[tuple[Ints, Ints, Ints]], groups: int) -> Ints:
    """Return the groups of calls, by their numbers and in order, that are answered with labels.

    So they are if nearly all answers are short, are one of at most MOST_LABELS but not all the same, and each came for
    several prompts: the same question asked again is answered alike whatever it is. `calls` gives some calls at a
    time, as often as it is asked: of each the number of its group, the mark of its answer and a hash of its prompt.
    """
    found = _mostly_short(calls, groups)
    if not len(found):
        return found
    labels, prompts = _Different(MOST_LABELS + 1, len(found)), _Different(_MOST_PROMPTS, len(found))
    for of, marks, asked in calls:
        place = np.minimum(np.searchsorted(found, of), len(found) - 1)
        short = (found[place] == of) & (marks != NONE) & (marks != LONG)
        labels.take(place[short], marks[short])
        prompts.take(place[short], asked[short])
    kinds, (labelled, again) = labels.kinds(), labels.rows()
    return found[
        (again >= NEARLY_ALL * labelled)
        & (kinds > 1)
        & (kinds <= MOST_LABELS)
        & (prompts.kinds() >= np.maximum(FEWEST, PROMPTS_A_LABEL * kinds))
    ]


def _mostly_short(calls: Iterable[tuple[Ints, Ints, Ints]], groups: int) -> Ints:
    """The groups with answers most of which are short."""
    sums = np.zeros((3, groups), np.int64)
    for of, marks, _ in calls:
        answered = marks != NONE
        for row, chosen in enumerate((slice(None), answered, answered & (marks != LONG))):
            sums[row] += np.bincount(of[chosen], minlength=groups)
    asked, answered, short = sums
    return np.flatnonzero((2 * answered >= asked) & (short >= FEWEST) & (short >= NEARLY_ALL * answered))


class _Different:
    """The different values of each group, and how many rows have each; of many, so many of the smallest ones."""

    def __init__(self, most: int, groups: int) -> None:
        self._most, self._groups = most, groups
        self._of, self._values, self._rows = (np.zeros(0, np.int64) for _ in range(3))

    def take(self, of: Ints, values: Ints) -> None:
        """Add rows: of each the number of its group, and the value."""
        of, values = np.append(self._of, of), np.append(self._values, values)
        rows = np.append(self._rows, np.ones(len(of) - len(self._rows), np.int64))
        order = np.lexsort((values, of))
        of, values = of[order], values[order]
        first = np.flatnonzero(np.append(len(of) > 0, (of[1:] != of[:-1]) | (values[1:] != values[:-1])))
        rows, of, values = np.add.reduceat(rows[order], first) if len(first) else rows, of[first], values[first]
        kept = np.arange(len(of)) - np.searchsorted(of, of) < self._most
        self._of, self._values, self._rows = of[kept], values[kept], rows[kept]

    def kinds(self) -> Ints:
        """Return for each group how many different values there are, and no more than so many."""
        return np.bincount(self._of, minlength=self._groups)

    def rows(self) -> tuple[Ints, Ints]:
        """Return for each group how many rows have these values, and how many one that came more than once."""
        whole, again = (
            np.bincount(self._of, self._rows * (self._rows > least), self._groups).astype(np.int64) for least in (0, 1)
        )
        return whole, again


def before_answers(task: Ints, sure: Ints) -> Ints:
    """Return for each call the probability that it classifies before answers are looked at, in 1/CERTAIN as `sure` is.

    It does so with its confidence, or as often as wrong guesses of its kind did when measured; a task of the user's
    own is never one.
    """
    taken = np.maximum(confusion().when_wrong[:, CLASSIFICATION], LEAST_WRONG)
    wrong = np.append(taken, 0.0)[np.minimum(task, len(TASKS))]
    left = np.where(task == _UNKNOWN, CERTAIN, CERTAIN - sure)
    return np.where(task == CLASSIFICATION, sure, np.rint(left * wrong)).astype(np.int64)


def chances(before: Ints, calls: Ints) -> Floats:
    """Return for each group that is answered with labels the probability that its calls classify.

    `before` are the sums of `before_answers` of its calls, of which there are so many.
    """
    share = before / (np.maximum(calls, 1) * CERTAIN)
    found: Floats = LIKELIER * share / (LIKELIER * share + 1 - share)
    return found
