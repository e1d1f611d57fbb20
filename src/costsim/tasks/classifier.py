"""From a request's text and shape to its task: the sum of `findings`, made fast.

What is fast about it: a system prompt is read once and remembered; of a user's message only the ends are
read, by one automaton; the points of all tasks are added up in one integer.
"""

import math
from collections.abc import Callable, Mapping
from functools import cached_property

from costsim.tasks.complexity import USUAL, hardness, step_of
from costsim.tasks.explanation import reasons
from costsim.tasks.facts import FACTS, SILENT, asked_size, facts_of_shape, facts_of_text
from costsim.tasks.findings import DAMPED, OPEN, SHARES, findings_of_system
from costsim.tasks.labels import TASKS, UNKNOWN, Guess, Reason, Shape
from costsim.tasks.model import (
    HALF,
    SCALE,
    Fitted,
    Model,
    build,
    pack,
    read_fitted,
    read_signals,
    read_words,
    shipped,
    unpack,
)
from costsim.tasks.reading import FIRST, LAST, ends, excerpt, normalise, words_of
from costsim.tasks.usermap import TaskMap

DEFAULT_THRESHOLD = 0.36
"""Below this confidence a task is `unknown`."""

REMEMBERED = 8192
"""System prompts, and sums of points, that are remembered; beyond that, all are forgotten."""

WITHOUT_A_TASK = frozenset(
    (
        "embedding",
        "embeddings",
        "rerank",
        "image",
        "image_generation",
        "audio",
        "speech",
        "transcription",
        "moderation",
    )
)
"""Operations that answer no request in words."""

_STEP, _STEPS = SCALE // 8, 96
"""Confidence is tabled for every eighth of a point of lead, up to 12 points."""

_NOTHING_SEEN = Guess(UNKNOWN, 0.0, "simple", 0.0)


class Classifier:
    """Guesses tasks; keep one per process, because it remembers the system prompts that it has read."""

    def __init__(
        self,
        user_map: TaskMap | None = None,
        threshold: float | None = None,
        model: Model | None = None,
    ) -> None:
        """`threshold` wins over the map's `unknown_below`, which wins over DEFAULT_THRESHOLD."""
        self.user_map, self._given = user_map, model
        stated = user_map.unknown_below if user_map is not None else None
        self.threshold = next(one for one in (threshold, stated, DEFAULT_THRESHOLD) if one is not None)
        self.own = user_map.types if user_map is not None else {}
        """The user's own task types."""
        self.tasks = (*TASKS, *self.own)
        """Every task that a guess may name."""
        self._systems: dict[str, tuple[int, list[list[int]], list[int]]] = {}
        self._guesses: dict[int, tuple[Guess, bool]] = {}

    @cached_property
    def model(self) -> Model:
        """The signals and their points; read when the first call comes, as a log that is known needs none."""
        if self._given is not None:
            return self._given
        return build(read_signals(), read_fitted(), self.own, read_words()) if self.own else shipped()

    @cached_property
    def confidences(self) -> list[float]:
        """The confidence at each step of the lead."""
        return _confidences(self.model.fitted)

    @cached_property
    def _words(self) -> dict[float, list[list[int]]]:
        return {share: _tables(self.model, share) for share in (1.0, DAMPED)}

    @cached_property
    def _facts(self) -> dict[float, list[int]]:
        rows = self.model.points[self.model.first_fact : self.model.first_fact + len(FACTS)]
        return {share: [pack(row, share) for row in rows] for share in (1.0, DAMPED)}

    @cached_property
    def _everyday(self) -> dict[bytes, int]:
        return {word: pack(self.model.points[number]) for word, number in self.model.words.items()}

    @cached_property
    def _everyday_words(self) -> frozenset[bytes]:
        return frozenset(self._everyday)

    @cached_property
    def _shape_facts(self) -> list[int]:
        return self._facts[1.0]

    @cached_property
    def _lanes(self) -> int:
        """Lanes of points: a task each, and complexity."""
        return len(self.model.labels) + 1

    @cached_property
    def _bias(self) -> int:
        return pack(self.model.bias)

    @cached_property
    def _read(self) -> Callable[[bytes], dict[int, int]]:
        return self.model.reader.read

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
        """Return the task, its confidence and the complexity of a call; the user's text is not kept."""
        stated = self._stated_task(system, route, tags, operation)
        if operation in WITHOUT_A_TASK or _nothing_to_read(system, user, shape):
            return Guess(stated, 1.0, "simple", 0.0) if stated else _NOTHING_SEEN
        total, written = self._total(system, user, shape, answer)
        if stated is not None:
            return self._of_stated(stated, total)
        guess, is_open = self._guesses.get(total) or self._judge(total)
        if is_open and written and (words := self._of_words(written)):
            total += words
            guess, _ = self._guesses.get(total) or self._judge(total)
        return guess

    def explain(
        self,
        system: str,
        user: str,
        shape: Shape,
        route: str | None = None,
        tags: Mapping[str, str] | None = None,
        answer: str | None = None,
        operation: str = "chat",
    ) -> list[Reason]:
        """Return what spoke for and against the decided task and the runner-up, strongest first."""
        if stated := self._stated_task(system, route, tags, operation):
            return [Reason(stated, "stated by the user's map", math.inf, "map")]
        if operation in WITHOUT_A_TASK or _nothing_to_read(system, user, shape):
            return []
        return reasons(self.model, system, user, shape, answer)

    def kind(self, task: str) -> str:
        """Return the shipped task that a task is, or is like."""
        return self.own[task].like if task in self.own else task

    def _stated_task(
        self, system: str, route: str | None, tags: Mapping[str, str] | None, operation: str
    ) -> str | None:
        if self.user_map is None:
            return None
        return self.user_map.task_of(route, tags, operation, self.user_map.task_of_system(system))

    def _judge(self, total: int) -> tuple[Guess, bool]:
        """The guess for these packed points, and whether it is open; remembered: many requests add up to the same."""
        *tasks, points, step = unpack(total, self._lanes + 1)
        best = max(tasks)
        number = tasks.index(best)
        tasks[number] = 0
        lead = best - max(tasks)
        confidence = self.confidences[min(lead // _STEP, _STEPS)]
        task = self.model.labels[number] if confidence >= self.threshold else UNKNOWN
        complexity, score = hardness(self.kind(task), (points - HALF) / SCALE, step - HALF)
        guess = Guess(task, confidence, complexity, score)
        if len(self._guesses) >= REMEMBERED:
            self._guesses.clear()
        self._guesses[total] = judged = guess, lead < OPEN
        return judged

    def _of_stated(self, task: str, total: int) -> Guess:
        """The guess for a call whose task the user's map states: only the complexity is guessed."""
        *_, points, step = unpack(total, self._lanes + 1)
        return Guess(task, 1.0, *hardness(self.kind(task), (points - HALF) / SCALE, step - HALF))

    def _total(self, system: str, user: str, shape: Shape, answer: str | None) -> tuple[int, str]:
        """The packed points of all signals and facts of a request, and what was read of the user's text.

        The lane after those of the points has how much is told, as `step_of`.
        """
        known = self._systems.get(system)
        total, words, facts = self._of_system(system) if known is None else known
        for fact in facts_of_shape(shape, answer):
            total += self._shape_facts[fact]
        if not user or user.isspace():
            return total + (USUAL << 16 * self._lanes), ""
        written = excerpt(user, FIRST, LAST)
        text = normalise(written)
        found = self._read(text)
        for signal, place in found.items():
            total += words[place][signal]
        if not found:
            total += facts[SILENT]
        for fact in facts_of_text(len(user), written, text):
            total += facts[fact]
        return total + (step_of(asked_size(len(user), text)) << 16 * self._lanes), written

    def _of_words(self, written: str) -> int:
        """The packed points of the everyday words in an excerpt."""
        said = words_of(normalise(ends(written)))[0]
        return sum(self._everyday[word] for word in self._everyday_words.intersection(said))

    def _of_system(self, system: str) -> tuple[int, list[list[int]], list[int]]:
        """The packed points of a system prompt, and what words and facts of the user's text then count."""
        found, share = findings_of_system(self.model, system)
        total = self._bias + sum(pack(self.model.points[one.signal], one.share) for one in found)
        if len(self._systems) >= REMEMBERED:
            self._systems.clear()
        self._systems[system] = known = total, self._words[share], self._facts[share]
        return known


def _nothing_to_read(system: str, user: str, shape: Shape) -> bool:
    """Whether a request says nothing: no text, and no tools that would speak for it."""
    return (not user or user.isspace()) and not (system or shape.has_tools or shape.called_tools)


def _tables(model: Model, share: float) -> list[list[int]]:
    """Per place in the user's text, the packed points of each signal of words."""
    rows = list(zip(model.points[: model.first_fact], model.places, strict=False))
    return [[0 if place == "system" else pack(row, share * part) for row, place in rows] for part in SHARES]


def _confidences(fitted: Fitted) -> list[float]:
    """The confidence at each step of the lead."""
    odds = (fitted.level + fitted.slope * step * _STEP / SCALE for step in range(_STEPS + 1))
    return [round(1.0 / (1.0 + math.exp(-one)), 4) for one in odds]
