"""Guesses for many calls at once: what `Classifier.guess` does call by call, in columns.

One search runs over the texts of a whole batch, and points are added up as rows of a matrix; the guesses are the same.
`guess` is what people read and `explain` tells of; this is what logs of gigabytes go through.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from costsim.tasks import facts
from costsim.tasks.classifier import REMEMBERED, WITHOUT_A_TASK, Classifier
from costsim.tasks.complexity import USUAL, hardness_of, steps_of
from costsim.tasks.fact_columns import NO_ANSWER, Shapes, asked_sizes, facts_of_shapes, facts_of_texts, kind_of
from costsim.tasks.findings import DAMPED, OPEN, SHARES, findings_of_system
from costsim.tasks.labels import TASKS, UNKNOWN, named
from costsim.tasks.model import SCALE, Model
from costsim.tasks.reading import FIRST, LAST, ends, excerpt, normalise, words_of
from costsim.tasks.scanning import scan

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_UNKNOWN = TASKS.index(UNKNOWN)
_SHARES = (1.0, DAMPED)
_AT_ONCE = 4_000
"""Texts that are read together: what is known of so many fits into the processor's cache."""

MANY = 50_000
"""From so many texts on, it is worth a tenth of a second to read each of them faster (`Reader.hurry`)."""


class Guesses(msgspec.Struct):
    """What calls were for and how hard they look: places in `BatchClassifier.tasks` and COMPLEXITIES, and figures."""

    task: Ints
    confidence: NDArray[np.float64]
    complexity: Ints
    score: NDArray[np.float64]


class Texts(msgspec.Struct):
    """The texts of the calls of a batch, cut to what is read of them."""

    systems: list[int] = msgspec.field(default_factory=list)
    """Of each call, the row of its system prompt among those remembered."""
    written: list[str] = msgspec.field(default_factory=list)
    """Of each call, the excerpt of the last user message; '' where it says nothing."""
    sizes: list[int] = msgspec.field(default_factory=list)
    """Characters of the whole message."""
    answers: list[int] = msgspec.field(default_factory=list)
    stated: dict[int, int] = msgspec.field(default_factory=dict)
    """Call -> the task that the user's map states, or else the log."""
    taskless: list[int] = msgspec.field(default_factory=list)
    """Calls whose operation has no task."""
    wordless: list[int] = msgspec.field(default_factory=list)
    """Calls without any text."""


class BatchClassifier:
    """Guesses the tasks of calls a batch at a time; keep one per process, it remembers system prompts."""

    def __init__(self, classifier: Classifier, *, many: bool = False) -> None:
        """`many`: whether it is known that MANY texts are to come, which else shows when they have come."""
        self._texts_read = 0
        if many:
            classifier.model.reader.hurry()
        self.tasks = classifier.tasks
        """What the places in `Guesses.task` stand for."""
        self._map, self._threshold = classifier.user_map, classifier.threshold
        self._place = np.array([self.tasks.index(label) for label in classifier.model.labels], np.int64)
        self._kinds = np.array([TASKS.index(classifier.kind(task)) for task in self.tasks], np.int64)
        self._model, self._confidence = classifier.model, np.array(classifier.confidences)
        self._words = _tables(self._model)
        first, end = self._model.first_fact, self._model.first_fact + len(facts.FACTS)
        self._facts = [_rows(self._model.points[first:end], share) for share in _SHARES]
        self._everyday = _rows(self._model.points[end:], 1.0).reshape(-1, len(self._model.points[0]))
        self._row_of_word = {word: number - end for word, number in self._model.words.items()}
        self._everyday_words = frozenset(self._model.words)
        self._bias = _rows([self._model.bias], 1.0)[0]
        self._of_systems: dict[tuple[int, float], Ints] = {}
        self._known: dict[int, int] = {}
        self._systems: list[Ints] = []
        self._damped: list[int] = []
        self._stated: list[str | None] = []

    def knows(self, system_key: int) -> bool:
        """Whether the system prompt with this hash was learnt."""
        return system_key in self._known

    def learn(self, system_key: int, system: str) -> None:
        """Read a system prompt once, for all the calls that have it; '' under the key 0 is 'has none'."""
        found, share = findings_of_system(self._model, system)
        points = self._bias.copy()
        for one in found:
            points += self._points_of(one.signal, one.share)
        self._known[system_key] = len(self._systems)
        self._systems.append(points)
        self._damped.append(_SHARES.index(share))
        self._stated.append(self._map.task_of_system(system) if self._map is not None else None)

    def _points_of(self, signal: int, share: float) -> Ints:
        """The points of a signal in a system prompt, rounded once for each of the few shares that there are."""
        known = self._of_systems.get((signal, share))
        if known is None:
            known = self._of_systems[signal, share] = _rows([self._model.points[signal]], share)[0]
        return known

    def add(
        self, texts: Texts, system_keys: Sequence[int], users: Sequence[str], answers: Sequence[str | bytes | None],
        routes: Sequence[str | None], tags: Sequence[Mapping[str, str] | None], operations: Sequence[str],
    ) -> None:  # fmt: skip
        """Take in some calls, whose system prompts were learnt."""
        first = len(texts.sizes)
        rows = list(map(self._known.__getitem__, system_keys))
        texts.systems += rows
        if not WITHOUT_A_TASK.isdisjoint(operations):
            texts.taskless += [first + at for at, operation in enumerate(operations) if operation in WITHOUT_A_TASK]
        if self._map is not None:
            of_systems = [self._stated[row] for row in rows]
            for at, of_call in enumerate(zip(routes, tags, operations, of_systems, strict=True)):
                if (task := self._map.task_of(*of_call)) is not None:
                    texts.stated[first + at] = self.tasks.index(task)
        written = [excerpt(user, FIRST, LAST) if user and not user.isspace() else "" for user in users]
        if not all(written):
            said = zip(written, system_keys, strict=True)
            texts.wordless += [first + at for at, (text, key) in enumerate(said) if not text and not key]
        texts.written += written
        texts.answers += [kind_of(answer) if answer else NO_ANSWER for answer in answers]
        texts.sizes += map(len, users)

    def state(self, texts: Texts, said: Sequence[str | None]) -> None:
        """Take in which tasks the log itself states for the calls that were added last; a user's map wins."""
        for call, name in enumerate(said, len(texts.sizes) - len(said)):
            if name and (task := named(name, self.tasks)) is not None:
                texts.stated.setdefault(call, self.tasks.index(task))

    def guess(self, texts: Texts, shapes: Shapes) -> Guesses:
        """Return the guesses for the calls that were added, given their shapes."""
        systems = np.fromiter(texts.systems, np.int64, len(texts.systems))
        damped = np.array(self._damped, np.int64)[systems]
        total = np.array(self._systems, np.int64).reshape(-1, len(self._place) + 1)[systems]
        everyone = np.arange(len(total))
        _add(total, everyone, facts_of_shapes(shapes, np.array(texts.answers)), self._facts[0])
        steps = self._add_users(total, texts, damped)
        if len(self._systems) > REMEMBERED:  # forgotten between batches: the texts of a batch point to their rows
            self._known.clear()
            self._systems.clear()
            self._damped.clear()
            self._stated.clear()
        return self._judged(total, steps, texts, shapes)

    def _add_users(self, total: Ints, texts: Texts, damped: Ints) -> Ints:
        """Add what the users' texts say, and return how much is told in each, as `steps_of`."""
        steps = np.full(len(total), USUAL)
        calls = np.flatnonzero(np.fromiter(map(bool, texts.written), bool, len(texts.written)))
        self._texts_read += len(calls)
        if self._texts_read >= MANY:
            self._model.reader.hurry()
        sizes = np.array(texts.sizes, np.int64)
        for start in range(0, len(calls), _AT_ONCE):
            some = calls[start : start + _AT_ONCE]
            written = [texts.written[call] for call in some.tolist()]
            read, kinds = scan(self._model.reader, written), damped[some]
            _sum_rows(total, some[read.text], self._words[kinds[read.text], read.place, read.signal])
            shown = facts_of_texts(sizes[some], written, read)
            for kind in range(len(_SHARES)):
                mine = kinds == kind
                _add(total, some[mine], shown[mine], self._facts[kind])
            steps[some] = steps_of(asked_sizes(sizes[some], read))
        return steps

    def _with_words(self, total: Ints, calls: list[int], texts: Texts) -> Ints:
        """The points of these calls with those of the everyday words in them."""
        said = words_of(normalise("".join(ends(texts.written[call]) for call in calls)))
        found = [self._everyday_words.intersection(words) for words in said]
        rows = np.array([self._row_of_word[word] for words in found for word in words], np.int64)
        points = total[calls]
        _sum_rows(points, np.repeat(np.arange(len(calls)), list(map(len, found))), self._everyday[rows])
        return points

    def _judged(self, total: Ints, steps: Ints, texts: Texts, shapes: Shapes) -> Guesses:
        """The guess for each row of points."""
        task, lead = _leads(total)
        still_open = [call for call in np.flatnonzero(lead < OPEN).tolist() if texts.written[call]]
        if still_open and len(self._everyday):
            task[still_open], lead[still_open] = _leads(self._with_words(total, still_open, texts))
        confidence = self._confidence[np.minimum(lead // (SCALE // 8), len(self._confidence) - 1)]
        task = np.where(confidence >= self._threshold, self._place[task], _UNKNOWN)
        nothing = np.zeros(len(task), dtype=bool)
        nothing[texts.taskless] = True
        with_tools = shapes.has_tools | shapes.called_tools
        nothing[np.array(texts.wordless, np.int64)[~with_tools[texts.wordless]]] = True
        task[nothing], confidence[nothing] = _UNKNOWN, 0.0
        for place, stated in texts.stated.items():
            task[place], confidence[place] = stated, 1.0
        complexity, score = hardness_of(self._kinds[task], total[:, -1] / SCALE, steps)
        complexity[nothing], score[nothing] = 0, 0.0
        return Guesses(task, confidence, complexity, score)


def _leads(total: Ints) -> tuple[Ints, Ints]:
    """The best task of each row of points, and its lead over the next."""
    tasks = total[:, :-1].copy()
    rows = np.arange(len(tasks))
    task = tasks.argmax(axis=1)
    best = tasks[rows, task]
    tasks[rows, task] = np.iinfo(np.int64).min
    return task, best - tasks.max(axis=1)


def _tables(model: Model) -> Ints:
    """[share, place, signal, lane]: the points of each signal of words in the user's text."""
    table = np.zeros((len(_SHARES), len(SHARES), model.first_fact, len(model.labels) + 1), np.int64)
    for number, share in enumerate(_SHARES):
        for place, part in enumerate(SHARES):
            table[number, place] = _rows(model.points[: model.first_fact], share * part)
    table[:, :, [place == "system" for place in model.places[: model.first_fact]]] = 0
    return table


def _rows(points: Sequence[Sequence[float]], share: float) -> Ints:
    """Points as whole numbers, the way `pack` makes them."""
    found: Ints = np.rint(np.array(points, np.float64) * share * SCALE).astype(np.int64)
    return found


def _sum_rows(total: Ints, calls: Ints, rows: Ints) -> None:
    """Add each row of points to those of its call; the rows of a call follow each other."""
    if len(calls):
        first = np.flatnonzero(np.diff(calls, prepend=-1))
        total[calls[first]] += np.add.reduceat(rows, first)


def _add(total: Ints, calls: Ints, shown: Bools, points: Ints) -> None:
    """Add to the calls' points those of the facts that they show; most show few, so fact by fact."""
    for fact in np.flatnonzero(shown.any(axis=0)).tolist():
        total[calls[shown[:, fact]]] += points[fact]
