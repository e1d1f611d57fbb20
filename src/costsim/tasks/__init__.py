"""From a request's text and shape to what it was for and how hard it looks; no text is kept.

labels        the nouns: TASKS, Shape, Guess, Reason
reading       which signals stand in a text, and where
facts         what a request looks like from outside
model         signals.yaml and weights.json: what each finding adds for each task
findings      everything seen in one request
classifier    the sum of the findings, fast: Classifier.guess
explanation   the same sum, taken apart
complexity    how hard it looks
usermap       the user's word, which wins
definitions   tasks.yaml: what each task means
evaluation    guesses against labels
confusion     what is taken for what, as measured; for what a policy saves in spite of it
"""

from costsim.tasks.classifier import DEFAULT_THRESHOLD, Classifier
from costsim.tasks.confusion import Confusion, confusion
from costsim.tasks.definitions import Definition, definitions
from costsim.tasks.evaluation import Evaluation, evaluate
from costsim.tasks.labels import COMPLEXITIES, TASKS, UNKNOWN, Guess, Reason, Shape
from costsim.tasks.usermap import TaskMap, read_map

__all__ = [
    "COMPLEXITIES",
    "DEFAULT_THRESHOLD",
    "TASKS",
    "UNKNOWN",
    "Classifier",
    "Confusion",
    "Definition",
    "Evaluation",
    "Guess",
    "Reason",
    "Shape",
    "TaskMap",
    "confusion",
    "definitions",
    "evaluate",
    "read_map",
]
