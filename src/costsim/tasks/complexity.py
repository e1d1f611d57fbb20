"""How hard a request looks: from its signals and its task, not from its length."""

import math

import numpy as np
from numpy.typing import NDArray

from costsim.tasks.labels import COMPLEXITIES, TASKS

HARD_BY_TASK = {
    "classification": -0.9,
    "extraction": -0.8,
    "formatting": -0.9,
    "rewriting": -0.7,
    "summarization": -0.4,
    "translation": -0.7,
    "question_answering": -0.5,
    "drafting": -0.2,
    "code": 0.3,
    "math": 0.3,
    "reasoning": 0.7,
    "planning": 0.6,
    "agent": 0.3,
    "chat": -0.9,
    "unknown": -0.3,
}
"""Log odds of being hard before any signal is seen."""

MODERATE_FROM, COMPLEX_FROM = 0.38, 0.62
"""The scores from which a request is called moderate, and complex."""


_STEPS_A_POINT, _FURTHEST = 16, 8
"""Scores are tabled for every sixteenth of a point from -8 to 8."""


def hardness(task: str, points: float) -> tuple[str, float]:
    """Return (complexity, score in [0, 1]) of a request of this task with these points for hardness."""
    step = round((points + HARD_BY_TASK[task]) * _STEPS_A_POINT)
    return _TABLE[max(0, min(step + _FURTHEST * _STEPS_A_POINT, len(_TABLE) - 1))]


def _hardness(points: float) -> tuple[str, float]:
    score = round(1.0 / (1.0 + math.exp(-points)), 4)
    return COMPLEXITIES[(score >= MODERATE_FROM) + (score >= COMPLEX_FROM)], score


_TABLE = [
    _hardness(step / _STEPS_A_POINT) for step in range(-_FURTHEST * _STEPS_A_POINT, _FURTHEST * _STEPS_A_POINT + 1)
]

_BY_TASK = np.array([HARD_BY_TASK[task] for task in TASKS])
_COMPLEXITY = np.array([COMPLEXITIES.index(word) for word, _ in _TABLE], np.int64)
_SCORE = np.array([score for _, score in _TABLE])


def hardness_of(tasks: NDArray[np.int64], points: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return `hardness` of many requests: places in COMPLEXITIES and scores, from places in TASKS and points."""
    step = np.rint((points + _BY_TASK[tasks]) * _STEPS_A_POINT).astype(np.int64)
    place = np.clip(step + _FURTHEST * _STEPS_A_POINT, 0, len(_TABLE) - 1)
    return _COMPLEXITY[place], _SCORE[place]
