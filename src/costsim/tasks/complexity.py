"""How hard a request looks: from its signals, its task, and how much is told in asking it; a document adds nothing.

Checked by scripts/evaluate_complexity.py against how many models fail a question, set by set.
"""

import math
from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from costsim.tasks.labels import COMPLEXITIES, TASKS

HARD_BY_TASK = {
    "classification": -0.6,
    "extraction": -0.6,
    "formatting": -0.6,
    "rewriting": -0.5,
    "summarization": -0.3,
    "translation": -0.5,
    "question_answering": -0.5,
    "drafting": -0.2,
    "code": 0.1,
    "math": 0.1,
    "reasoning": 0.3,
    "planning": 0.3,
    "agent": 0.1,
    "chat": -1.0,
    "unknown": -0.2,
}
"""Log odds of being hard before any signal is seen."""

ON_MATERIAL = frozenset(("classification", "extraction", "formatting", "rewriting", "summarization", "translation"))
"""Tasks that are done to a text that is given: many signals stand in that text."""

OF_MATERIAL = 0.5
"""What signals count in these."""

UNSIZED = ON_MATERIAL | {"drafting", "chat"}
"""Tasks that are no harder where more is told: to draft from notes is no harder when there are more of them."""

_SIZES = tuple(60 * 2 ** (step / 4) for step in range(1, 17))
"""Characters of asking, a quarter of a doubling apart: 71 to 960."""
DOCUMENT_CHARS = 3_000
"""More than this nobody tells in asking: most of it is a document."""
USUAL = 6
"""The step of a request that is neither short nor long."""
_HARD_A_STEP = 0.08

MODERATE_FROM, COMPLEX_FROM = 0.38, 0.62
"""The scores from which a request is called moderate, and complex."""


_STEPS_A_POINT, _FURTHEST = 16, 8
"""Scores are tabled for every sixteenth of a point from -8 to 8."""


def step_of(asked: int) -> int:
    """Return how much is told in so many characters of asking, as a step from 0 to 16."""
    return USUAL if asked > DOCUMENT_CHARS else bisect_right(_SIZES, asked)


def hardness(task: str, points: float, step: int = USUAL) -> tuple[str, float]:
    """Return (complexity, score in [0, 1]) of a request of this task with these points for hardness."""
    told = 0.0 if task in UNSIZED else (step - USUAL) * _HARD_A_STEP
    seen = points * (OF_MATERIAL if task in ON_MATERIAL else 1.0) + told
    place = round((seen + HARD_BY_TASK[task]) * _STEPS_A_POINT)
    return _TABLE[max(0, min(place + _FURTHEST * _STEPS_A_POINT, len(_TABLE) - 1))]


def _hardness(points: float) -> tuple[str, float]:
    score = round(1.0 / (1.0 + math.exp(-points)), 4)
    return COMPLEXITIES[(score >= MODERATE_FROM) + (score >= COMPLEX_FROM)], score


_TABLE = [
    _hardness(step / _STEPS_A_POINT) for step in range(-_FURTHEST * _STEPS_A_POINT, _FURTHEST * _STEPS_A_POINT + 1)
]

_BY_TASK = np.array([HARD_BY_TASK[task] for task in TASKS])
_BY_STEP = np.array([0.0 if task in UNSIZED else _HARD_A_STEP for task in TASKS])
_SHARE = np.array([OF_MATERIAL if task in ON_MATERIAL else 1.0 for task in TASKS])
_COMPLEXITY = np.array([COMPLEXITIES.index(word) for word, _ in _TABLE], np.int64)
_SCORE = np.array([score for _, score in _TABLE])


def steps_of(asked: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return `step_of` of many requests."""
    steps: NDArray[np.int64] = np.where(asked > DOCUMENT_CHARS, USUAL, np.searchsorted(_SIZES, asked, side="right"))
    return steps


def hardness_of(
    tasks: NDArray[np.int64], points: NDArray[np.float64], steps: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return `hardness` of many requests: places in COMPLEXITIES and scores, from places in TASKS, points and steps."""
    seen = points * _SHARE[tasks] + (steps - USUAL) * _BY_STEP[tasks]
    place = np.rint((seen + _BY_TASK[tasks]) * _STEPS_A_POINT).astype(np.int64)
    place = np.clip(place + _FURTHEST * _STEPS_A_POINT, 0, len(_TABLE) - 1)
    return _COMPLEXITY[place], _SCORE[place]
