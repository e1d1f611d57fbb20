from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costsim.summary.dimensions import Codes
from costsim.summary.tally import Tally, crossed, sums_by, total

INT64 = st.integers(-(2**63), 2**63 - 1)
LABELS = st.sampled_from(["a", "b", None, "longer"])
ROWS = st.lists(st.tuples(LABELS, LABELS, INT64), max_size=40)

Rows = Sequence[tuple[str | None, str | None, int]]


def coded(words: Sequence[str | None]) -> Codes:
    labels = list(dict.fromkeys(words))
    return np.array([labels.index(word) for word in words], np.int64), labels


def tally(rows: Rows) -> Tally:
    found = Tally(("calls", "value"))
    first, second = coded([row[0] for row in rows]), coded([row[1] for row in rows])
    values = {"calls": np.ones(len(rows), np.int64), "value": np.array([row[2] for row in rows], np.int64)}
    found.count(("one", "two"), [first, second], values)
    found.count(("one",), [first], values)
    return found


def by_hand(rows: Rows) -> dict[tuple[str | None, ...], list[int]]:
    found: dict[tuple[str | None, ...], list[int]] = defaultdict(lambda: [0, 0])
    for one, two, value in rows:
        calls, so_far = found[one, two]
        found[one, two] = [calls + 1, so_far + value]
    return found


@given(ROWS)
def test_a_tally_equals_sums_of_python_integers(rows: Rows) -> None:
    assert tally(rows).groups[("one", "two")] == by_hand(rows)


@given(ROWS, st.data())
def test_any_split_in_any_order_adds_up_to_the_same(rows: Rows, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    ends = [0, *cuts, len(rows)]
    parts = [rows[start:end] for start, end in pairwise(ends)]
    together = Tally(("calls", "value"))
    for part in data.draw(st.permutations(parts)):
        together.add(tally(part))
    assert together.groups == tally(rows).groups


@given(ROWS, ROWS)
def test_adding_leaves_the_other_tally_as_it_was(one: Rows, two: Rows) -> None:
    other = tally(two)
    mine = tally(one)
    mine.add(other)
    mine.add(other)
    assert other.groups == tally(two).groups


@pytest.mark.parametrize("extreme", [-(2**63), 2**63 - 1, -1, 2**53 + 1])
def test_extremes_of_int64_are_summed_exactly(extreme: int) -> None:
    values = np.full(1000, extreme, np.int64)
    assert sums_by(np.arange(1000) % 2, 2, values) == [500 * extreme, 500 * extreme]
    assert total(values) == 1000 * extreme


@given(st.lists(st.tuples(st.integers(0, 3), INT64), max_size=50))
def test_sums_by_equals_python(rows: list[tuple[int, int]]) -> None:
    codes = np.array([code for code, _ in rows], np.int64)
    values = np.array([value for _, value in rows], np.int64)
    assert sums_by(codes, 4, values) == [sum(value for code, value in rows if code == each) for each in range(4)]
    assert total(values) == sum(value for _, value in rows)


def test_labels_that_occur_twice_are_one_group() -> None:
    found = Tally(("value",))
    found.count(("one",), [(np.array([0, 1]), [None, None])], {"value": np.array([3, 4])})
    assert found.groups == {("one",): {(None,): [7]}}


def test_many_dimensions_with_many_values_do_not_run_out_of_codes() -> None:
    wide: Codes = (np.arange(1000), [str(each) for each in range(100_000)])
    codes, keys = crossed([wide] * 5, 1000)
    assert codes.tolist() == list(range(1000))
    assert keys[7] == ("7",) * 5


def test_no_calls_have_no_groups_and_totals_of_nothing() -> None:
    assert crossed([(np.zeros(0, np.int64), ["a"])], 0)[1] == []
    assert Tally(("value", "other")).totals() == {"value": 0, "other": 0}


def test_the_totals_are_those_of_any_grouping() -> None:
    assert tally([("a", "b", 1), ("a", None, 2), (None, "b", 4)]).totals() == {"calls": 3, "value": 7}


def test_a_key_with_nothing_to_sum_is_left_out() -> None:
    found = Tally(("value",))
    found.count(("one",), [(np.array([0, 1]), ["a", "b"])], {"value": np.array([0, 4])})
    assert found.groups == {("one",): {("b",): [4]}}
