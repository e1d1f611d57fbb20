from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.summary.acme import MILLION, Row, micros, priced, sums, table

from costsim.schema import SCHEMA
from costsim.summary.audit_sums import AuditSums

GROUPINGS = (("route",), ("model", "task"), ("day",), ("tag:team",))
ROW: st.SearchStrategy[Row] = st.fixed_dictionaries(
    {
        "route": st.sampled_from(["a", "nightly-b", None]),
        "model": st.sampled_from(["big", "small", "unheard-of", None]),
        "task": st.sampled_from(["classification", "chat"]),
        "complexity": st.sampled_from(["simple", "complex"]),
        "task_confidence": st.sampled_from([0.3, 0.9, None]),
        "status": st.sampled_from(["ok", "error"]),
        "billed": st.booleans(),
        "streamed": st.sampled_from([True, False, None]),
        "started_at": st.sampled_from([None, *(micros(f"2026-10-0{day}T03:00") for day in range(1, 8))]),
        "input_tokens": st.sampled_from([None, 10, 1500, 120_000, 10**12]),
        "output_tokens": st.sampled_from([None, 0, 10, 3000]),
        "cache_read_tokens": st.sampled_from([None, 0, 9, 1200]),
        "cache_write_tokens": st.sampled_from([None, 0, 100]),
        "reported_cost": st.sampled_from([None, 0, 10**9, 10**12]),
        "since_answer_ms": st.sampled_from([-1, 1000]),
        "since_prefix_ms": st.sampled_from([-1, 1000]),
        "prefix_tokens": st.sampled_from([[], [1200], [5, 10]]),
        "system_tokens": st.sampled_from([None, 100, 1100]),
        "history_tokens": st.sampled_from([None, 0, 50]),
        "early_input_tokens": st.sampled_from([-1, 100]),
        "turns": st.sampled_from([None, 1]),
        "fallback_of": st.sampled_from([None, "fast"]),
        "tags": st.sampled_from([None, '{"team":"x"}', '{"team":"y"}']),
    }
)
ROWS = st.lists(ROW, max_size=20)

some = settings(max_examples=30, deadline=None)


def taken(rows: Sequence[Row]) -> AuditSums:
    return sums(*rows, groupings=GROUPINGS, timezone="Europe/Berlin")


@some
@given(ROWS, st.data())
def test_batches_of_any_size_in_any_order_add_up_to_the_same(rows: list[Row], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(rows)))
    together = AuditSums()
    for part in data.draw(st.permutations([rows[:cut], rows[cut:], []])):
        together.add(taken(part))
    assert together == _added(taken(rows))


def _added(found: AuditSums) -> AuditSums:
    """The same sums, in the shape that adding gives them."""
    other = AuditSums()
    other.add(found)
    return other


@some
@given(ROWS)
def test_groups_of_any_dimension_add_up_to_the_totals(rows: list[Row]) -> None:
    tally = taken(rows).groups
    for names in GROUPINGS:
        each = tally.rows(names).values()
        assert {name: sum(sums[name] for sums in each) for name in tally.measures} == tally.totals()


@some
@given(ROWS)
def test_the_parts_of_the_spend_add_up_to_the_computed_cost(rows: list[Row]) -> None:
    found = taken(rows)
    replay = priced(*rows).replay
    assert sum(found.basis.parts.values()) == int(replay.cost[replay.basis == 1].sum())


@some
@given(ROWS)
def test_every_call_is_priced_or_has_a_reason(rows: list[Row]) -> None:
    found = taken(rows).basis
    assert found.basis.computed + found.basis.reported + sum(found.reasons.values()) == len(rows)
    assert sum(found.bases.values()) + found.basis.unbilled == len(rows)


@some
@given(ROWS)
def test_what_is_left_of_a_route_is_between_nothing_and_its_cost(rows: list[Row]) -> None:
    premium = 13 * 120_000 * MILLION * len(rows)  # writing a prefix to a cache may cost more before it saves
    for each in taken(rows).routes.rows(("route",)).values():
        assert -premium <= 0 <= each["left"] <= each["cost"] + premium


def test_tokens_of_calls_without_a_price_are_in_no_price_per_token() -> None:
    totals = sums(
        {"input_tokens": 10, "output_tokens": 1}, {"model": "x", "input_tokens": 100, "output_tokens": 1}
    ).groups.totals()
    assert (totals["input_tokens"], totals["priced_tokens"]) == (110, 11)


def test_the_helper_fills_every_column() -> None:
    assert table({}).select(SCHEMA.names).schema.equals(SCHEMA)
