"""From a request's text and shape to what it was for and how hard it looks; no text is kept.

labels        the nouns: TASKS, Shape, Guess, Reason
reading       which signals stand in a text, and where
facts         what a request looks like from outside
fact_columns  the same for many calls at once
model         signals.yaml, weights.json and words.json: what each finding adds for each task
findings      everything seen in one request
classifier    the sum of the findings, fast: Classifier.guess
explanation   the same sum, taken apart
complexity    how hard it looks
usermap       the user's word, which wins
definitions   tasks.yaml: what each task means
evaluation    guesses against labels
confusion     what is taken for what, as measured; for what a policy saves in spite of it
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from costsim.tasks.labels import COMPLEXITIES, TASKS, UNKNOWN, Guess, Reason, Shape, named

if TYPE_CHECKING:
    from costsim.tasks.classifier import DEFAULT_THRESHOLD, Classifier
    from costsim.tasks.evaluation import Evaluation, evaluate
    from costsim.tasks.usermap import TaskMap, read_map

_AT_FIRST_USE = {
    "DEFAULT_THRESHOLD": "classifier",
    "Classifier": "classifier",
    "Evaluation": "evaluation",
    "evaluate": "evaluation",
    "TaskMap": "usermap",
    "read_map": "usermap",
}
"""Name -> module: to ask about calls that have their task already, no classifier is loaded."""

__all__ = [
    "COMPLEXITIES",
    "DEFAULT_THRESHOLD",
    "TASKS",
    "UNKNOWN",
    "Classifier",
    "Evaluation",
    "Guess",
    "Reason",
    "Shape",
    "TaskMap",
    "evaluate",
    "named",
    "read_map",
]


def __getattr__(name: str) -> Any:
    if name not in _AT_FIRST_USE:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.{_AT_FIRST_USE[name]}"), name)
