"""The operators of conditions: a row each. To add one, add a row."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from costsim.policies.columns import Bools
from costsim.policies.kinds import READ, Kind, OperandError, Span, flag, number
from costsim.policies.wording import shown, written

Spans = tuple[Span, ...]
Read = Callable[[Kind, Any], Any]
Holds = Callable[[NDArray[Any], Any], Bools]

_ANY: tuple[Kind, ...] = ("word", "tag", "number", "money", "time", "flag")
_ORDERED: tuple[Kind, ...] = ("number", "money", "time", "tag")
_TEXT: tuple[Kind, ...] = ("word", "tag")


class Operator(NamedTuple):
    """One operator; what it says of a value that the log does not state is false, for all but `exists`."""

    kinds: tuple[Kind, ...]
    """Kinds of columns that it can be asked of."""
    read: Read
    """(kind, operand as written) -> operand as `holds` takes it; OperandError where it is no such operand."""
    holds: Holds | None
    """(values, operand) -> for which values it holds; None where it only asks whether there is a value.

    The values of words are objects of str.
    """
    as_numbers: bool = False
    """Whether a tag is taken as the number that it spells."""
    operand: str = "value"
    """What is written after it; `json_schema` knows the words."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what another process finds it by: its word."""
        return _called, (next(word for word, each in OPERATORS.items() if each is self),)


def _one(kind: Kind, value: Any) -> Spans:
    if isinstance(value, list):
        raise OperandError("one value, not a list; 'in' takes a list")
    return (READ[kind](value),)


def _some(kind: Kind, value: Any) -> Spans:
    if not isinstance(value, list) or not value:
        hint = f"; write {written([value])}" if isinstance(value, str | int | float) else ", such as [a, b]"
        raise OperandError(f"a list{hint}")
    return tuple(_item(kind, place, each) for place, each in enumerate(value, 1))


def _item(kind: Kind, place: int, value: Any) -> Span:
    try:
        return READ[kind](value)
    except OperandError as problem:
        raise OperandError(f"{problem}: item {place} is {shown(value) or 'not'}") from problem


def _one_or_some(kind: Kind, value: Any) -> Spans:
    return _some(kind, value) if isinstance(value, list) else _one(kind, value)


def _limit(kind: Kind, value: Any) -> Span:
    if isinstance(value, list):
        raise OperandError("one value, not a list; 'between' takes two")
    return number(value) if kind == "tag" else READ[kind](value)


def _pair(kind: Kind, value: Any) -> Span:
    if not isinstance(value, list) or len(value) != 2:
        raise OperandError("a list of two values, the lower and the upper, both included")
    lower, upper = (_limit(kind, each) for each in value)
    if lower.low > upper.high:
        raise OperandError("the lower value first and the upper one second")
    return Span(lower.low, upper.high)


def _pattern(_kind: Kind, value: Any) -> re.Pattern[str]:
    if not isinstance(value, str):
        raise OperandError("a regular expression, in quotes")
    try:
        return re.compile(value)
    except (re.error, RecursionError, OverflowError) as problem:
        raise OperandError(f"a regular expression; this one has an error: {problem}") from problem


def _yes_or_no(_kind: Kind, value: Any) -> bool:
    answer: bool = flag(value).low
    return answer


def _is_any(values: NDArray[Any], spans: Spans) -> Bools:
    if values.dtype == object:
        wanted = {span.low for span in spans}
        return _each(values, lambda value: value in wanted)
    exact = _as(values, [span.low for span in spans if span.low == span.high])
    found: Bools = np.isin(values, exact)
    for span in spans:
        if span.low != span.high:
            found |= _within(values, span)
    return found


def _is_none(values: NDArray[Any], spans: Spans) -> Bools:
    return ~_is_any(values, spans)


def _within(values: NDArray[Any], span: Span) -> Bools:
    low, high = _as(values, span)
    found: Bools = (values >= low) & (values <= high)
    return found


def _as(values: NDArray[Any], operands: Sequence[Any]) -> NDArray[Any]:
    """Operands as precise as the column: 0.7 of a log is 0.7, though it was kept in four bytes."""
    precise = np.asarray(operands)
    return precise.astype(values.dtype) if values.dtype.kind == "f" else precise


def _matches(values: NDArray[Any], pattern: re.Pattern[str]) -> Bools:
    return _each(values, lambda value: pattern.search(value) is not None)


def _each(values: NDArray[Any], test: Callable[[Any], bool]) -> Bools:
    return np.fromiter((test(value) for value in values), bool, len(values))


OPERATORS: dict[str, Operator] = {
    "is": Operator(_ANY, _one, _is_any),
    "not": Operator(_ANY, _one_or_some, _is_none, operand="value or list"),
    "in": Operator(_ANY, _some, _is_any, operand="list"),
    "lt": Operator(_ORDERED, _limit, lambda values, at: values < _as(values, at)[0], as_numbers=True),
    "lte": Operator(_ORDERED, _limit, lambda values, at: values <= _as(values, at)[1], as_numbers=True),
    "gt": Operator(_ORDERED, _limit, lambda values, at: values > _as(values, at)[1], as_numbers=True),
    "gte": Operator(_ORDERED, _limit, lambda values, at: values >= _as(values, at)[0], as_numbers=True),
    "between": Operator(_ORDERED, _pair, _within, as_numbers=True, operand="pair"),
    "matches": Operator(_TEXT, _pattern, _matches, operand="pattern"),
    "exists": Operator((*_ANY, "hash"), _yes_or_no, None, operand="flag"),
}
"""Operator -> what it means."""


def _called(word: str) -> Operator:
    return OPERATORS[word]


Edge = tuple[float, int]
"""A value, and 1 where only what is above it counts, -1 where only what is below."""
_LOWER: dict[str, Callable[[Span], Edge]] = {
    "gt": lambda at: (at.high, 1),
    "gte": lambda at: (at.low, 0),
    "between": lambda at: (at.low, 0),
}
_UPPER: dict[str, Callable[[Span], Edge]] = {
    "lt": lambda at: (at.low, -1),
    "lte": lambda at: (at.high, 0),
    "between": lambda at: (at.high, 0),
}


def contradict(asked: Mapping[str, Any]) -> bool:
    """Return whether no value is within all limits; operator -> operand as it was read."""
    lower = [edge(asked[name]) for name, edge in _LOWER.items() if name in asked]
    upper = [edge(asked[name]) for name, edge in _UPPER.items() if name in asked]
    return bool(lower and upper) and max(lower) > min(upper)


def told(operand: Any) -> str:
    """Return an operand as a policy would write it."""
    if isinstance(operand, Span):
        return str(operand.low) if operand.low == operand.high else f"{operand.low} to {operand.high}"
    if isinstance(operand, tuple) and len(operand) == 1:
        return told(operand[0])
    if isinstance(operand, tuple):
        return f"[{', '.join(map(told, operand))}]"
    return str(getattr(operand, "pattern", operand))


OTHERWISE_CALLED: dict[str, str] = {
    **dict.fromkeys(("=", "==", "eq", "equals", "equal"), "is"),
    **dict.fromkeys(("!=", "<>", "ne", "neq", "not_in", "nin", "is_not"), "not"),
    **dict.fromkeys(("any", "any_of", "one_of"), "in"),
    **dict.fromkeys(("<", "less", "less_than", "below", "before"), "lt"),
    **dict.fromkeys(("<=", "le", "max", "at_most"), "lte"),
    **dict.fromkeys((">", "greater", "greater_than", "above", "after"), "gt"),
    **dict.fromkeys((">=", "ge", "min", "at_least"), "gte"),
    **dict.fromkeys(("regex", "regexp", "like", "contains", "match", "startswith", "endswith"), "matches"),
    **dict.fromkeys(("null", "is_null", "missing", "present"), "exists"),
}
"""What other languages call the operators, for a hint."""
