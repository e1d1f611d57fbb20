"""`when:` of a rule, compiled: which columns it reads, and for which calls of a batch all of it holds."""

import re
from collections.abc import Collection, Iterator
from typing import Any

import msgspec
import numpy as np

from costsim.errors import ConfigError, ConfigMistakesError, nearest
from costsim.policies import kinds
from costsim.policies.columns import TAGS, Bools, Columns
from costsim.policies.document import Condition
from costsim.policies.kinds import Kind, OperandError
from costsim.policies.mistakes import Mistake
from costsim.policies.operators import OPERATORS, OTHERWISE_CALLED, Operator, contradict, told
from costsim.policies.wording import written
from costsim.schema import ANSWER_CHECKS
from costsim.tasks import COMPLEXITIES

SHARE = "share"
_LIKE_A_TAG = re.compile(r"tags?[.:_](\S+)")

VOCABULARY: dict[str, Collection[str]] = {
    "complexity": COMPLEXITIES,
    "status": ("ok", "error"),
    "answer_check": ANSWER_CHECKS,
    "tokens_basis": ("logged", "partial", "counted", "estimated", "invalid"),
}
"""Columns that can hold no other words than these; which task types there are is the caller's to say."""


class Comparison(msgspec.Struct, frozen=True):
    """One operator asked of one column."""

    column: str
    kind: Kind
    operator: Operator
    operand: Any

    def holds(self, columns: Columns) -> Bools:
        """Return for which calls it holds; not for those of which the log does not state the column."""
        if self.kind in ("word", "tag"):
            codes, labels = columns.word(self.column)
            return self._of_labels(labels).take(codes)
        return self._of(*kinds.values_of(columns, self.column, self.kind))

    @property
    def word(self) -> str:
        """The operator's word: `lt`."""
        return next(word for word, operator in OPERATORS.items() if operator is self.operator)

    @property
    def wanted(self) -> str:
        """What is asked of the column, as a policy would write it: `lt 4000`."""
        return f"{self.word} {told(self.operand)}"

    def _of(self, values: Any, known: Bools) -> Bools:
        if self.operator.holds is None:
            return known if self.operand else ~known
        return known & self.operator.holds(values, self.operand)

    def _of_labels(self, labels: list[str | None]) -> Bools:
        """Each distinct word is looked at once."""
        if self.operator.as_numbers:
            numbers = np.array([_number(label) for label in labels], np.float64)
            return self._of(numbers, ~np.isnan(numbers))
        known = np.array([label is not None for label in labels], bool)
        values = np.array([label or "" for label in labels], object)
        return self._of(values, known)


class Conditions(msgspec.Struct, frozen=True):
    """Conditions that must all hold; with none, every call is taken."""

    tests: tuple[Comparison, ...] = ()
    share: float = 1.0

    def columns(self) -> set[str]:
        """Return the columns of `calls` that are read."""
        read = {"tags" if test.kind == "tag" else test.column for test in self.tests}
        return read | ({"call_id"} if self.share < 1 else set())

    def holds(self, columns: Columns) -> Bools:
        """Return for which calls of a batch all of them hold."""
        found = np.ones(len(columns), bool)
        for test in self.tests:
            found &= test.holds(columns)
        if self.share < 1:
            found &= columns.place() < self.share
        return found


def compile(when: Condition, tasks: Collection[str] | None = None) -> Conditions:
    """Return the conditions; ConfigMistakesError tell everything that is wrong in them, without a line.

    `tasks`: the task types that there are; without them, any word is taken for one.
    """
    conditions, mistakes = read(when, tasks)
    if mistakes:
        raise ConfigMistakesError([ConfigError(each.what, hint=each.hint) for each in mistakes])
    return conditions


def read(when: Condition, tasks: Collection[str] | None = None) -> tuple[Conditions, list[Mistake]]:
    """Return the conditions as far as they can be understood, and what is wrong, with its path under `when`."""
    tests: list[Comparison] = []
    mistakes: list[Mistake] = []
    share = 1.0
    for column, asked in when.items():
        if column == SHARE:
            share = _share(asked, mistakes)
            continue
        for found in _tests(column, asked, tasks):
            if isinstance(found, Comparison):
                tests.append(found)
            else:
                mistakes.append(found)
    return Conditions(tuple(tests), share), mistakes


def _share(asked: Any, mistakes: list[Mistake]) -> float:
    if isinstance(asked, bool) or not isinstance(asked, int | float) or not 0 <= asked <= 1:
        mistakes.append(Mistake((SHARE,), "share: expected a number from 0 to 1", "0.1 is a tenth of the calls"))
        return 1.0
    return float(asked)


def _tests(column: str, asked: Any, tasks: Collection[str] | None) -> Iterator[Comparison | Mistake]:
    kind = kinds.kind_of(column)
    if kind is None:
        yield Mistake((column,), *_unknown_column(column))
        return
    if not isinstance(asked, dict) or not asked:
        yield Mistake((column,), f"{column}: expected an operator and a value", _example(column, asked))
        return
    understood: dict[str, Any] = {}
    for name, operand in asked.items():
        test = _test(column, kind, str(name), operand)
        yield test
        if isinstance(test, Comparison):
            yield from _unknown_words(column, str(name), operand, tasks)
            understood[str(name)] = test.operand
    if contradict(understood):
        yield Mistake((column,), f"{column}: no value is within all of these limits", "the rule would take no call")


def _test(column: str, kind: Kind, name: str, operand: Any) -> Comparison | Mistake:
    operator = OPERATORS.get(name)
    if operator is None and operand is None and name.isdigit():
        return Mistake((column, name), f"{column}: a number has no comma in it", "write 4000, not 4,000")
    if operator is None:
        meant = OTHERWISE_CALLED.get(name.lower())
        near = f"did you mean '{meant}'?" if meant else nearest(name, OPERATORS)
        hint = near if near.startswith("did") else f"of a {kind}: {', '.join(_fitting(kind))}"
        return Mistake((column, name), f"{column}: unknown operator '{name}'", hint)
    if kind not in operator.kinds:
        hint = f"of a {kind}: {', '.join(_fitting(kind))}"
        return Mistake((column, name), f"{column}: '{name}' cannot be asked of a {kind}", hint)
    if operand is None:
        return Mistake((column, name), f"{column}: '{name}' has no value", "where the log says nothing: exists: false")
    try:
        return Comparison(column, kind, operator, operator.read(kind, operand))
    except OperandError as problem:
        return Mistake((column, name), f"{column}: '{name}' expects {problem}")


def _fitting(kind: Kind) -> list[str]:
    """The operators that can be asked of a kind of column."""
    return [name for name, operator in OPERATORS.items() if kind in operator.kinds]


def _unknown_words(column: str, name: str, operand: Any, tasks: Collection[str] | None) -> Iterator[Mistake]:
    """Words that a column of a known vocabulary never holds: a condition on them would never hold either."""
    known = tasks if column == "task" else VOCABULARY.get(column)
    if known is None or name not in ("is", "not", "in"):
        return
    words = operand if isinstance(operand, list) else [operand]
    for place, word in enumerate(words):
        if isinstance(word, str) and word not in known:
            path = (column, name, place) if isinstance(operand, list) else (column, name)
            yield Mistake(path, f"unknown {column} '{word}'", nearest(word, known))


def _unknown_column(column: str) -> tuple[str, str]:
    if column == "tags":
        return "'tags' is not one column", "write tags.NAME, such as tags.plan"
    return f"unknown column '{column}'", column_meant(column, [*kinds.known_columns(), SHARE, "tags.NAME"])


def column_meant(column: str, known: Collection[str]) -> str:
    """Return a hint for a word that is none of the known columns: the nearest, or how a tag is written."""
    if of_tag := _LIKE_A_TAG.fullmatch(column):
        return f"did you mean '{TAGS}{of_tag[1]}'?"
    hint = nearest(column, known)
    return hint if hint.startswith("did you mean") else f"a tag is {TAGS}{column}; {hint}"


def _example(column: str, asked: Any) -> str:
    if isinstance(asked, list):
        return f"{column}: {{in: {written(asked) if asked else '[...]'}}}"
    return f"such as {column}: {{is: {'...' if asked in (None, {}) else written(asked)}}}"


def _number(label: str | None) -> float:
    try:
        return float(label or "nan")
    except ValueError:
        return float("nan")
