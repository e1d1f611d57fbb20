"""Why the cost changed: whatever the logs are, the parts add up to the change, and one cause is found in one part."""

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from costsim.summary.gate.baseline import KIND, Baseline, Cell, Counted, PricesUsed, Span, amount
from costsim.summary.gate.parts import ORDER, Amounts, added, rounded, sides, split
from costsim.summary.gate.words import why
from costsim.summary.printed import money

INPUT_UNITS, OUTPUT_UNITS = ("input", "cache_read"), ("output", "reasoning")


def cell(
    route: str = "a",
    model: str = "m",
    calls: int = 10,
    repeats: bool = False,
    **units: tuple[int, int],
) -> Cell:
    """A cell whose units are (count, 10^-12 USD)."""
    cost = money(sum(paid for _, paid in units.values()))
    known = {unit: (count, money(paid)) for unit, (count, paid) in units.items()}
    return Cell(route, "t", model, repeats, calls, 0, cost, known)


def of(*cells: Cell) -> Baseline:
    return Baseline(
        "1", KIND, Span(None, None, None), PricesUsed("h", "n", "logged"), Counted(1, 1, 0, 1), [*cells], [], [], []
    )


def parts_of(before: Baseline, now: Baseline) -> Amounts:
    return added(split(sides(before), sides(now)).values())


def change(before: Baseline, now: Baseline) -> int:
    cost = [sum(amount(each.cost_usd) for each in side.cells) for side in (before, now)]
    return cost[1] - cost[0]


units = st.dictionaries(
    st.sampled_from([*INPUT_UNITS, *OUTPUT_UNITS, "web_search"]),
    st.tuples(st.integers(1, 10**6), st.integers(0, 10**12)),
    max_size=5,
)
cells = st.builds(
    lambda route, model, repeats, calls, used: cell(route, model, calls, repeats, **used),
    st.sampled_from("ab"),
    st.sampled_from("mn"),
    st.booleans(),
    st.integers(1, 1000),
    units,
)
logs = st.lists(cells, min_size=1, max_size=8, unique_by=lambda each: (each.route, each.model, each.repeats))


@settings(max_examples=60, deadline=None)
@given(logs, logs)
def test_the_parts_add_up_to_the_change_to_the_last_digit(old: list[Cell], new: list[Cell]) -> None:
    before, now = of(*old), of(*new)
    assert sum(parts_of(before, now).values(), Fraction(0)) == change(before, now)
    assert sum(rounded(parts_of(before, now)).values()) == change(before, now)


USUAL: dict[str, Any] = {"input": (9_000, 9_000), "cache_read": (1_000, 100), "output": (500, 2_500)}


def causes(before: list[Cell], now: list[Cell]) -> dict[str, int]:
    """The parts that are not nothing."""
    found = rounded(parts_of(of(*before), of(*now)))
    assert list(found) == list(ORDER)
    return {part: value for part, value in found.items() if value}


def test_twice_everything_is_volume() -> None:
    twice: dict[str, Any] = {unit: (2 * count, 2 * paid) for unit, (count, paid) in USUAL.items()}
    assert causes([cell(**USUAL)], [cell(calls=20, **twice)]) == {"volume": 11_600}


def test_more_of_a_dear_route_is_mix() -> None:
    cheap, dear = cell("a", calls=10, input=(10, 100)), cell("b", calls=10, input=(10, 1000))
    fewer, more = cell("a", calls=5, input=(5, 50)), cell("b", calls=15, input=(15, 1500))
    assert causes([cheap, dear], [fewer, more]) == {"mix": 450}


def test_a_new_route_and_a_vanished_one_are_mix() -> None:
    assert causes([cell("a", input=(10, 100))], [cell("b", input=(10, 300))]) == {"mix": 200}


def test_calls_that_move_to_a_dearer_model_are_routing() -> None:
    before = [cell(model="small", input=(100, 100), output=(10, 10))]
    now = [cell(model="large", input=(100, 1000), output=(10, 200))]
    assert causes(before, now) == {"routing": 1090}


def test_a_moved_call_that_also_answers_at_length_is_routing_and_output() -> None:
    before = [cell(model="small", input=(100, 100), output=(10, 10))]
    now = [cell(model="large", input=(100, 1000), output=(20, 400))]
    assert causes(before, now) == {"routing": 1090, "output_tokens": 200}


def test_other_rates_for_the_same_tokens_are_prices() -> None:
    assert causes([cell(input=(100, 100))], [cell(input=(100, 150))]) == {"prices": 50}


def test_longer_prompts_answers_and_lost_caches_are_told_apart() -> None:
    longer: dict[str, Any] = USUAL | {"input": (18_000, 18_000), "cache_read": (2_000, 200)}
    assert causes([cell(**USUAL)], [cell(**longer)]) == {"input_tokens": 9_100}
    assert causes([cell(**USUAL)], [cell(**(USUAL | {"output": (1_000, 5_000)}))]) == {"output_tokens": 2_500}
    uncached: dict[str, Any] = {"input": (10_000, 10_000), "output": (500, 2_500)}
    assert causes([cell(**USUAL)], [cell(**uncached)]) == {"cache": 900}


def test_more_repeats_of_the_same_work_are_retries() -> None:
    first = cell(calls=10, input=(100, 1000))
    again, more = (cell(calls=n, repeats=True, input=(10 * n, 100 * n)) for n in (1, 4))
    assert causes([first, again], [first, more]) == {"retries": 300}


def test_a_side_does_not_depend_on_the_order_of_its_cells() -> None:
    one, other = cell("a", input=(10, 100)), cell("b", input=(10, 1000))
    assert sides(of(one, other)) == sides(of(other, one))


def test_more_input_that_a_cache_takes_back_is_not_the_reason_for_dearer_answers() -> None:
    before = of(cell(input=(10_000, 10_000), output=(500, 2_500)))
    now = of(cell(input=(9_500, 9_500), cache_read=(5_000, 500), output=(900, 4_500)))
    parts = parts_of(before, now)
    assert parts["input_tokens"] > parts["output_tokens"] > 0 > parts["cache"]
    (old,), (new,) = sides(before).values(), sides(now).values()
    assert why([parts], [old], [new]) == "40 more output tokens per call"
