import pytest
from tests.summary.acme import MILLION, Row, micros, sums, table

from costsim.errors import UsageError
from costsim.summary import dimensions
from costsim.summary.selection import Selection, parse_where


def groups(name: str, *rows: Row, timezone: str = "UTC") -> dict[str | None, int]:
    """Calls by the values of a dimension."""
    names = tuple(name.split(","))
    found = sums(*rows, groupings=(names,), timezone=timezone).groups.rows(names)
    return {key[0] if len(key) == 1 else ",".join(map(str, key)): each["calls"] for key, each in found.items()}


def chosen(selection: Selection, *rows: Row, timezone: str = "UTC") -> list[int]:
    """The input tokens of the calls that a selection leaves, to tell them apart."""
    found: list[int] = selection.of(table(*rows), timezone).column("input_tokens").to_pylist()
    return found


def test_crossed_dimensions_have_one_group_for_each_pair_that_occurs() -> None:
    rows: list[Row] = [{"route": "a", "task": "code"}, {"route": "a", "task": "chat"}, {"route": "b", "task": "code"}]
    assert groups("route,task", *rows, rows[0]) == {"a,code": 2, "a,chat": 1, "b,code": 1}


def test_crossing_adds_up_to_each_dimension_alone() -> None:
    rows: list[Row] = [{"route": r, "model": m} for r in "aab" for m in ("big", "small")]
    pairs = groups("route,model", *rows)
    of_a_route = {r: sum(n for key, n in pairs.items() if str(key).startswith(f"{r},")) for r in "ab"}
    assert of_a_route == groups("route", *rows)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-28T23:30", "2026-03-29"),  # 00:30 in winter time
        ("2026-03-29T21:30", "2026-03-29"),  # 23:30 in summer time, the day of 23 hours
        ("2026-03-29T22:30", "2026-03-30"),  # 00:30: in winter time it would still be the 29th
        ("2026-10-24T22:30", "2026-10-25"),
        ("2026-10-25T22:30", "2026-10-25"),  # 23:30 in winter time, the day of 25 hours
        ("2026-10-25T23:30", "2026-10-26"),
    ],
)
def test_the_day_is_that_of_the_time_zone_with_its_daylight_saving(moment: str, day: str) -> None:
    assert groups("day", {"started_at": micros(moment)}, timezone="Europe/Berlin") == {day: 1}


def test_a_call_without_a_time_has_no_day() -> None:
    assert groups("day", {"started_at": None}, {"started_at": micros("2026-10-05")}) == {None: 1, "2026-10-05": 1}


def test_days_before_1970_in_a_western_zone_lose_no_call() -> None:
    rows: list[Row] = [{"started_at": 0}, {"started_at": 9 * 3600 * MILLION}]
    assert sum(groups("day", *rows, timezone="America/New_York").values()) == 2


def test_a_tag_groups_by_its_value_and_none_where_there_is_none() -> None:
    rows: list[Row] = [
        {"tags": '{"team":"a"}'},
        {"tags": '{"team":"a","x":"1"}'},
        {"tags": '{"x":"1"}'},
        {"tags": None},
    ]
    assert groups("tag:team", *rows) == {"a": 2, None: 2}


def test_a_dimension_that_does_not_exist_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown dimension 'modle'") as problem:
        dimensions.parse("task,modle")
    assert "model" in str(problem.value)
    with pytest.raises(UsageError, match=r"did you mean 'tag:plan'\?"):
        dimensions.parse("tags.plan")


@pytest.mark.parametrize("text", ["", ",", "tag:"])
def test_a_dimension_needs_a_name(text: str) -> None:
    with pytest.raises(UsageError):
        dimensions.parse(text)


def test_where_with_one_dimension_twice_is_any_of_the_values() -> None:
    rows: list[Row] = [{"route": route, "input_tokens": number} for number, route in enumerate("abc")]
    assert chosen(Selection(parse_where(["route=a", "route=c"])), *rows) == [0, 2]


def test_where_with_two_dimensions_is_both_of_them() -> None:
    rows: list[Row] = [
        {"route": r, "model": m, "input_tokens": n}
        for n, (r, m) in enumerate([("a", "big"), ("a", "small"), ("b", "big")])
    ]
    assert chosen(Selection(parse_where(["route=a", "model=big"])), *rows) == [0]


def test_where_without_a_value_is_where_the_log_says_nothing() -> None:
    rows: list[Row] = [{"route": None, "input_tokens": 1}, {"route": "a", "input_tokens": 2}]
    assert chosen(Selection(parse_where(["route="])), *rows) == [1]


def test_where_a_tag_or_a_day_of_the_time_zone() -> None:
    rows: list[Row] = [
        {"tags": '{"team":"a"}', "started_at": micros("2026-10-05T23:00"), "input_tokens": 1},
        {"tags": '{"team":"a"}', "started_at": micros("2026-10-05T12:00"), "input_tokens": 2},
    ]
    where = Selection(parse_where(["tag:team=a", "day=2026-10-06"]))
    assert chosen(where, *rows, timezone="Europe/Berlin") == [1]
    assert chosen(where, *rows) == []


@pytest.mark.parametrize("text", ["model", "modle=big", "model,task=big"])
def test_a_condition_that_means_nothing_is_an_error_of_where(text: str) -> None:
    with pytest.raises(UsageError) as problem:
        parse_where([text])
    assert problem.value.where == "--where"


def test_since_is_inclusive_and_until_is_not() -> None:
    rows: list[Row] = [{"started_at": 100 + each, "input_tokens": each} for each in range(4)]
    assert chosen(Selection(since=101, until=103), *rows) == [1, 2]


def test_a_call_without_a_time_is_in_no_span_of_time() -> None:
    rows: list[Row] = [{"started_at": None, "input_tokens": 1}, {"started_at": 5, "input_tokens": 2}]
    assert chosen(Selection(since=0), *rows) == [2]
    assert chosen(Selection(until=10), *rows) == [2]
    assert chosen(Selection(), *rows) == [1, 2]
