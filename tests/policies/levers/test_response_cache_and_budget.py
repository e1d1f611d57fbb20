"""Answers given again, and budgets that run out, against a slow reading of the same rules."""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costsim.policies.levers.budget import Every, Spending, over, periods
from costsim.policies.levers.response_cache import Asked, served

LIFETIME = 50
NAMES: dict[Every, str] = {"day": "%Y-%m-%d", "week": "%G-%V", "month": "%Y-%m"}
DAY = 24 * 3600 * 1_000_000

ASKED = st.lists(
    st.tuples(st.integers(-1, 400), st.integers(0, 3), st.booleans(), st.booleans()),  # at, key, eligible, stores
    max_size=60,
)


def which_are_served(asked: list[tuple[int, int, bool, bool]], batches: int = 1, at_once: int = 1 << 17) -> list[bool]:
    size = -(-len(asked) // batches)

    def load(batch: int) -> Asked:
        rows = asked[batch * size : (batch + 1) * size]
        at, key, eligible, stores = np.array(rows or np.zeros((0, 4)), np.int64).reshape(-1, 4).T
        return Asked(at, key.astype(np.uint64), eligible > 0, stores > 0, np.full(len(at), LIFETIME))

    with TemporaryDirectory() as folder:
        found: list[bool] = served(load, lambda b: load(b).at, batches, Path(folder), at_once).tolist()
        return found


@given(ASKED, st.integers(1, 5), st.integers(1, 30))
def test_an_answer_is_given_again_until_it_is_too_old(
    asked: list[tuple[int, int, bool, bool]], batches: int, at_once: int
) -> None:
    expected, stored_at = [False] * len(asked), dict[int, int]()
    for number in sorted(range(len(asked)), key=lambda number: asked[number][0]):
        at, key, eligible, stores = asked[number]
        if at < 0 or not key or not eligible:
            continue
        expected[number] = key in stored_at and at - stored_at[key] <= LIFETIME
        if stores and not expected[number]:
            stored_at[key] = at
    assert which_are_served(asked) == which_are_served(asked, batches, at_once) == expected


def test_reading_an_answer_does_not_make_it_younger() -> None:
    every_thirty = [(30 * n, 1, True, True) for n in range(6)]
    assert which_are_served(every_thirty) == [False, True, False, True, False, True]


CALLS = st.lists(
    st.tuples(st.integers(-1, 5 * DAY), st.integers(-1, 2), st.integers(-1, 60)),  # at, who, spent
    max_size=60,
)


@given(CALLS, st.integers(1, 100), st.integers(1, 5), st.integers(1, 30))
def test_a_budget_is_spent_in_the_order_of_time(
    calls: list[tuple[int, int, int]], limit: int, batches: int, at_once: int
) -> None:
    size = -(-len(calls) // batches)

    def load(batch: int) -> Spending:
        rows = calls[batch * size : (batch + 1) * size]
        at, who, spent = np.array(rows or np.zeros((0, 3)), np.int64).reshape(-1, 3).T
        return Spending(at, who, periods(at, "day"), spent)

    expected, left = [False] * len(calls), defaultdict[tuple[int, int], int](lambda: limit)
    for number in sorted(range(len(calls)), key=lambda number: calls[number][0]):
        at, who, spent = calls[number]
        if at >= 0 and who >= 0:
            expected[number] = left[who, at // DAY] <= 0
            if not expected[number]:
                left[who, at // DAY] -= max(spent, 0)
    with TemporaryDirectory() as folder:
        found = over(load, lambda b: load(b).at, batches, limit, Path(folder), at_once).tolist()
    assert found == expected


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
@pytest.mark.parametrize("every", ["day", "week", "month"])
def test_periods_begin_at_midnight_where_the_team_is(zone: str, every: Every) -> None:
    at = np.random.default_rng(3).integers(0, 2_000_000_000, 300) * 1_000_000
    code = dict(zip(at.tolist(), periods(at, every, zone).tolist(), strict=True))
    by_name = defaultdict[str, set[int]](set)
    for moment, number in code.items():
        local = datetime.fromtimestamp(moment / 1e6, UTC).astimezone(ZoneInfo(zone))
        by_name[local.strftime(NAMES[every])].add(number)
    assert all(len(numbers) == 1 for numbers in by_name.values())
    assert len(set(code.values())) == len(by_name)
