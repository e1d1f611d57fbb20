"""Calls in runs: what is said of cells run by run is what one says of them call by call."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costsim.policies.attempts import Ints
from costsim.replay.cells import alike, runs
from costsim.replay.cells.alike import Cells, numbered
from costsim.replay.cells.runs import Runs

WHICH = st.lists(st.integers(0, 6), min_size=1, max_size=60)


@pytest.fixture(params=[3, 1 << 15], autouse=True)
def at_once(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "_AT_ONCE", request.param)
        yield


def _cells(which: list[int]) -> Cells:
    return numbered([(np.array(which), 7)])


def _by_hand(which: Ints, numbers: Ints, cells: int) -> list[int]:
    return [
        int(sum(number for cell, number in zip(which, numbers, strict=True) if cell == each)) for each in range(cells)
    ]


@pytest.mark.parametrize("bits", [0, 32])
@given(WHICH)
def test_the_order_is_that_of_the_cells_and_within_one_that_of_the_calls(bits: int, which: list[int]) -> None:
    cells = _cells(which)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alike, "_BITS_OF_KEYS", bits)
        order, calls = cells.order()
    assert order.tolist() == sorted(range(len(which)), key=lambda row: cells.which[row])
    assert calls.tolist() == _by_hand(cells.which, np.ones(len(which), np.int64), len(cells))


@given(WHICH, st.data())
def test_runs_say_of_cells_what_their_calls_say(which: list[int], data: st.DataObject) -> None:
    cells = _cells(which)
    order, found = Runs.in_order(cells)
    here = cells.which[order]
    counts = np.array(data.draw(st.lists(st.integers(0, 10**7), min_size=len(which), max_size=len(which))))
    assert len(found) == len(which)
    assert found.which.tolist() == here.tolist()
    assert found.sums(counts).tolist() == _by_hand(here, counts, len(cells))
    assert found.counts.tolist() == _by_hand(here, np.ones_like(counts), len(cells))
    assert found.are_alike(here)
    assert found.are_alike(counts) == all(len({*counts[here == cell].tolist()}) == 1 for cell in range(len(cells)))
    assert sorted(here[found.one_of_each()].tolist()) == list(range(len(cells)))


@given(WHICH, st.data())
def test_pieces_are_all_calls_one_after_the_other(which: list[int], data: st.DataObject) -> None:
    cells = _cells(which)
    _, found = Runs.in_order(cells)
    numbers = np.array(data.draw(st.lists(st.integers(-9, 9), min_size=len(cells), max_size=len(cells))))
    rows: list[int] = []
    for some, of_cells in found.pieces:
        rows += range(some.start, some.stop)
        assert found.over(numbers, of_cells).tolist() == numbers[found.which[some]].tolist()
    assert rows == list(range(len(which)))


@given(WHICH, st.data())
def test_some_calls_or_cells_are_picked_in_their_order(which: list[int], data: st.DataObject) -> None:
    cells = _cells(which)
    _, found = Runs.in_order(cells)
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=len(which), max_size=len(which))))
    some, before = found.part(chosen)
    assert before[some.which].tolist() == found.which[chosen].tolist()
    of_cells = np.array(data.draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells))))
    places, picked = found.only(of_cells)
    wanted = np.flatnonzero(of_cells[found.which])
    assert (list(range(len(which))) if places is None else places.tolist()) == wanted.tolist()
    assert picked.which.tolist() == found.which[wanted].tolist()
