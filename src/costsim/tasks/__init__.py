"""From a request's text and shape to what it was for and how hard it looks; no text is kept."""

from costsim.tasks.classifier import DEFAULT_THRESHOLD, Classifier
from costsim.tasks.labels import COMPLEXITIES, TASKS, UNKNOWN, Guess, Reason, Shape
from costsim.tasks.usermap import TaskMap, read_map

__all__ = [
    "COMPLEXITIES",
    "DEFAULT_THRESHOLD",
    "TASKS",
    "UNKNOWN",
    "Classifier",
    "Guess",
    "Reason",
    "Shape",
    "TaskMap",
    "read_map",
]
