"""From a request's text and shape to its task."""

import math
from collections.abc import Mapping

from costsim.tasks.facts import facts_of_shape, facts_of_text
from costsim.tasks.labels import UNKNOWN, Guess, Reason, Shape
from costsim.tasks.model import LABELS, SCALE, Model, pack, shipped, unpack
from costsim.tasks.reading import FIRST, LAST, SYSTEM_FIRST, SYSTEM_LAST, ends_of, normalise
from costsim.tasks.usermap import TaskMap

DEFAULT_THRESHOLD = 0.25
REMEMBERED = 4096
MIDDLE = 0.4
SYSTEM = 1.0
DAMPED = 0.5
DECIDED = 2.0


class Classifier:
    """Guesses tasks; one per process, because it remembers the signals of system prompts that repeat."""

    def __init__(
        self,
        user_map: TaskMap | None = None,
        threshold: float = DEFAULT_THRESHOLD,
        model: Model | None = None,
    ) -> None:
        self._map, self._threshold = user_map, threshold
        self._model = model or shipped()

    def features(self, system: str, user: str, shape: Shape, answer: str | None = None) -> dict[int, float]:
        """Return how much each signal counts in this request."""
        model = self._model
        counts: dict[int, float] = {}
        share = 1.0
        if system:
            found = model.reader.read(normalise(ends_of(system, SYSTEM_FIRST, SYSTEM_LAST)))
            for signal, near in found.items():
                counts[signal] = SYSTEM * (1.0 if near else MIDDLE)
            lanes = sorted(sum(model.points[s][l] * c for s, c in counts.items()) for l in range(len(LABELS)))
            if lanes[-1] - lanes[-2] > DECIDED:
                share = DAMPED
                counts[model.facts["system_decides"]] = 1.0
        else:
            counts[model.facts["no_system"]] = 1.0
        text = normalise(ends_of(user, FIRST, LAST))
        found = model.reader.read(text)
        for signal, near in found.items():
            counts[signal] = counts.get(signal, 0) + share * (1.0 if near else MIDDLE)
        if not found:
            counts[model.facts["silent"]] = 1.0
        names = facts_of_text(user, text)
        if "```" in user[:FIRST] or "```" in user[-LAST:]:
            names.append("code_fence")
        for name in names:
            counts[model.facts[name]] = share
        for name in facts_of_shape(shape):
            counts[model.facts[name]] = 1.0
        return counts

    def guess(
        self,
        system: str,
        user: str,
        shape: Shape,
        route: str | None = None,
        tags: Mapping[str, str] | None = None,
        answer: str | None = None,
        operation: str = "chat",
    ) -> Guess:
        """Return the task, confidence and complexity of one call."""
        model = self._model
        counts = self.features(system, user, shape, answer)
        scores = [b for b in model.bias]
        for s, c in counts.items():
            for l, p in enumerate(model.points[s]):
                scores[l] += p * c
        hard = scores.pop()
        best = max(scores)
        total = sum(math.exp(s - best) for s in scores)
        return Guess(LABELS[scores.index(best)], 1 / total, "simple", hard)
