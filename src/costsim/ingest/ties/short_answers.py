"""Answers that are one of a few words, again and again: the calls of such a system prompt or route classify.

What one answer says of its own call is the classifier's; here counts only how answers come back over the whole log.
They are hashed as they come in, and the hashes are gone when the log is read.
"""

import re
from collections.abc import Sequence

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


def _mark(answer: str | bytes) -> int:
    """The mark of a short answer, whatever its case and the blanks and stops around it."""
    text = text_of(("assistant", answer)).encode("utf-8", "replace")
    word = text.strip(b" \t\r\n.!\"'`*").lower()
    if not word or _NO_LABEL.fullmatch(word):
        return LONG if word else NONE
    return xxh3_64_intdigest(word) | 2


def labelling(groups: Ints, answers: Ints, prompts: Ints) -> Ints:
    """Return the groups of calls, by their hashes and in order, that are answered with labels; 0 is no group.

    So they are if nearly all answers are short, are one of at most MOST_LABELS but not all the same, and each came for
    several prompts: the same question asked again is answered alike whatever it is.
    """
    short = (groups != 0) & (answers != NONE) & (answers != LONG)
    found, labels = np.unique(groups[short], return_counts=True)
    found = found[labels >= FEWEST]
    mine = np.flatnonzero(np.isin(groups, found)) if len(found) else found
    if not len(mine):
        return found
    of = np.searchsorted(found, groups[mine])
    short, answers, prompts = short[mine], answers[mine], prompts[mine]
    calls, answered, labelled = (
        np.bincount(of[chosen], minlength=len(found)) for chosen in (slice(None), answers != NONE, short)
    )
    kinds, again = _kinds(of[short], answers[short], len(found))
    asked, _ = _kinds(of[short], prompts[short], len(found))
    return found[
        (2 * answered >= calls)
        & (labelled >= NEARLY_ALL * answered)
        & (again >= NEARLY_ALL * labelled)
        & (kinds > 1)
        & (kinds <= MOST_LABELS)
        & (asked >= np.maximum(FEWEST, PROMPTS_A_LABEL * kinds))
    ]


def _kinds(of: Ints, values: Ints, groups: int) -> tuple[Ints, Ints]:
    """For each group, how many different values there are, and how many rows have one that came more than once."""
    order = np.lexsort((values, of))
    of, values = of[order], values[order]
    first = np.flatnonzero(np.append(True, (of[1:] != of[:-1]) | (values[1:] != values[:-1])))
    rows = np.diff(np.append(first, len(of)))
    several = np.bincount(of[first], np.where(rows > 1, rows, 0), groups)
    return np.bincount(of[first], minlength=groups), several.astype(np.int64)


def chances(group: Ints, groups: int, task: Ints, sure: Ints) -> Floats:
    """Return for each group that is answered with labels the probability that its calls classify.

    Before its answers are looked at, a call does so with its confidence, or as often as wrong guesses of its kind did
    when measured; a task of the user's own is never one. `sure` in 1/CERTAIN.
    """
    taken = np.maximum(confusion().when_wrong[:, CLASSIFICATION], LEAST_WRONG)
    wrong = np.append(taken, 0.0)[np.minimum(task, len(TASKS))]
    left = np.where(task == _UNKNOWN, CERTAIN, CERTAIN - sure)
    before = np.where(task == CLASSIFICATION, sure, np.rint(left * wrong))
    share = np.bincount(group, before, groups) / (np.maximum(np.bincount(group, minlength=groups), 1) * CERTAIN)
    found: Floats = LIKELIER * share / (LIKELIER * share + 1 - share)
    return found
