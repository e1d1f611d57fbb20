"""Conditions over random columns agree with a reading of each call on its own; shares are stable and nest."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costsim.errors import ConfigMistakesError
from costsim.policies.columns import Columns
from costsim.policies.conditions import compile, read
from costsim.policies.kinds import kind_of, known_columns
from costsim.policies.operators import OPERATORS
from costsim.schema import SCHEMA

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def table(rows: list[dict[str, Any]]) -> Columns:
    """Calls with these columns; all others are silent."""
    whole = [dict.fromkeys(SCHEMA.names) | row for row in rows]
    return Columns(pa.Table.from_pylist(whole, SCHEMA))


def taken(when: dict[str, Any], rows: list[dict[str, Any]]) -> list[bool]:
    found: list[bool] = compile(when).holds(table(rows)).tolist()
    return found


WORDS = st.sampled_from(["a", "b", "ab", "A", "true", "false", "3", "10", "x y", ""])
NUMBERS = st.integers(-3, 12)
FRACTIONS = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.7, 0.75, 1.0])
DAYS = st.sampled_from([date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 2)])
TIMES = st.builds(
    lambda day, minutes: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes),
    DAYS,
    st.sampled_from([0, 1, 719, 1439]),
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "route": WORDS,
    "call_id": WORDS,
    "tags.plan": WORDS,
    "input_tokens": NUMBERS,
    "turns": NUMBERS,
    "task_confidence": FRACTIONS,
    "duration_ms": FRACTIONS,
    "started_at": TIMES,
    "streamed": st.booleans(),
    "reported_cost": st.sampled_from([0, 1, 50_000_000_000, 10**12]),
}
OPERANDS: dict[str, st.SearchStrategy[Any]] = VALUES | {
    "tags.plan": WORDS | st.booleans() | NUMBERS,
    "input_tokens": NUMBERS | FRACTIONS,
    "started_at": TIMES | DAYS | DAYS.map(str) | TIMES.map(lambda at: at.isoformat()),
    "reported_cost": st.sampled_from([0, 0.05, 1, 1e-12]),
}
PATTERNS = st.sampled_from(["a", "^a$", "(?i)a", r"\d", "^$", "."])


@st.composite
def conditions(draw: st.DrawFn) -> tuple[str, str, Any]:
    column = draw(st.sampled_from(sorted(VALUES)))
    kind = kind_of(column)
    assert kind
    name = draw(st.sampled_from([name for name, row in OPERATORS.items() if kind in row.kinds]))
    one = NUMBERS if kind == "tag" and OPERATORS[name].as_numbers else OPERANDS[column]
    if name == "exists":
        return column, name, draw(st.booleans())
    if name == "matches":
        return column, name, draw(PATTERNS)
    if name == "between":
        return column, name, sorted(draw(st.lists(one, min_size=2, max_size=2)), key=lambda each: low(column, each))
    if name == "in" or (name == "not" and draw(st.booleans())):
        return column, name, draw(st.lists(one, min_size=1, max_size=3))
    return column, name, draw(one)


def low(column: str, operand: Any) -> Any:
    return span(column, operand)[0]


def span(column: str, operand: Any) -> tuple[Any, Any]:
    """The least and the greatest value that an operand means, in the words of a person."""
    if column == "reported_cost":
        return round(operand * 10**12), round(operand * 10**12)
    if column == "started_at":
        operand = datetime.fromisoformat(operand) if isinstance(operand, str) and "T" in operand else operand
        operand = date.fromisoformat(operand) if isinstance(operand, str) else operand
        if isinstance(operand, datetime):
            return operand, operand
        first = datetime(operand.year, operand.month, operand.day, tzinfo=UTC)
        return first, first + timedelta(days=1) - timedelta(microseconds=1)
    return operand, operand


def expected(column: str, name: str, operand: Any, value: Any) -> bool:
    """The oracle: one call, one condition."""
    if name == "exists":
        return (value is not None) is operand
    if value is None:
        return False
    if name == "matches":
        return re.search(operand, value) is not None
    operands = operand if isinstance(operand, list) else [operand]
    if column == "tags.plan":
        if OPERATORS[name].as_numbers:
            if not value.isdigit():
                return False
            value = int(value)
        else:
            operands = [json.dumps(each) if not isinstance(each, str) else each for each in operands]
    spans = [span(column, each) for each in operands]
    if name == "between":
        return bool(spans[0][0] <= value <= spans[1][1])
    least, greatest = spans[0]
    among = any(first <= value <= last for first, last in spans)
    answers: dict[str, Any] = {"is": among, "in": among, "not": not among}
    if name in answers:
        return bool(answers[name])
    return bool({"lt": value < least, "lte": value <= greatest, "gt": value > greatest, "gte": value >= least}[name])


def row(values: dict[str, Any]) -> dict[str, Any]:
    plan = values.pop("tags.plan")
    return values | {"tags": None if plan is None else json.dumps({"plan": plan, "other": "a"})}


ROWS = st.lists(st.fixed_dictionaries({name: st.none() | value for name, value in VALUES.items()}), max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.lists(conditions(), min_size=1, max_size=3), ROWS)
def test_conditions_hold_for_the_calls_for_which_each_of_them_holds(
    asked: list[tuple[str, str, Any]], calls: list[dict[str, Any]]
) -> None:
    when: dict[str, Any] = {}
    for column, name, operand in asked:
        when.setdefault(column, {})[name] = operand
    understood, mistakes = read(when)
    oracle = [
        all(
            expected(column, name, operand, call[column])
            for column, operators in when.items()
            for name, operand in operators.items()
        )
        for call in calls
    ]
    assert understood.holds(table([row(dict(call)) for call in calls])).tolist() == oracle
    if mistakes:  # said of conditions that no call can meet, and of no others
        assert all("no value is within" in mistake.what for mistake in mistakes)
        assert not any(oracle)


def test_the_names_of_the_operators_are_those_of_the_specification() -> None:
    assert list(OPERATORS) == ["is", "not", "in", "lt", "lte", "gt", "gte", "between", "matches", "exists"]


@pytest.mark.parametrize("column", known_columns())
def test_every_column_can_be_asked_whether_the_log_states_it(column: str) -> None:
    value: Any = {"word": "a", "time": EPOCH, "flag": False}.get(str(kind_of(column)), 0)
    assert taken({column: {"exists": True}}, [{column: value}, {}]) == [True, False]
    assert compile({column: {"exists": True}}).columns() == {column}


def test_a_tag_is_read_from_the_column_of_tags_and_a_share_from_the_ids() -> None:
    assert compile({"tags.plan": {"is": "pro"}, "share": 0.5}).columns() == {"tags", "call_id"}
    assert compile({}).columns() == set()


def test_without_conditions_every_call_is_taken() -> None:
    assert taken({}, [{}, {}]) == [True, True]
    assert taken({"share": 1}, [{}, {}]) == [True, True]


def test_shares_are_stable_nest_and_are_as_large_as_they_say() -> None:
    columns = table([{"call_id": f"call-{number}"} for number in range(20_000)])
    places = columns.place()
    tenth, third = (compile({"share": share}).holds(columns) for share in (0.1, 0.3))
    assert not (tenth & ~third).any()
    assert abs(tenth.mean() - 0.1) < 0.01
    assert abs(third.mean() - 0.3) < 0.01
    assert not compile({"share": 0}).holds(columns).any()
    # Written down, not computed: whoever runs a canary next year must meet the same calls.
    assert np.round(places[:3], 6).tolist() == [0.465985, 0.152001, 0.0622]


def test_a_word_of_no_task_is_taken_unless_the_tasks_are_known() -> None:
    assert not read({"task": {"in": ["triage"]}})[1]
    assert not read({"task": {"in": ["triage"]}}, ["triage", "code"])[1]
    with pytest.raises(ConfigMistakesError, match="unknown task 'triag'"):
        compile({"task": {"in": ["code", "triag"]}}, ["triage", "code"])
