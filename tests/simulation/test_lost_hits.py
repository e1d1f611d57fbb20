"""Cache reads of calls that stay, when the calls that stored what they read go elsewhere, against a pencil."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.simulation.conftest import Replayed
from tests.simulation.test_explained import explain
from tests.simulation.test_what_a_policy_does import call, policy

from costsim.summary.simulation import in_cells, lost_hits

SECOND = policy("{name: second, when: {user: {is: second}}, route: {model: judge}}")
Cut = Callable[[pytest.MonkeyPatch], None]


def turns(model: str = "asked", of: str = "c", count: int = 6, **more: Any) -> list[dict[str, Any]]:
    """A conversation that grows by 2,000 tokens a turn; each reads what the one before it stored, and 100 fresh."""
    written = {"cache_write_tokens": 2000} if model == "asked" else {}
    return [
        call(turn, model, 2000 * turn + 100, id=f"{of}-{turn}", cached_tokens=2000 * (turn - 1), conversation_id=of,
             user="first" if turn % 2 else "second", **written, **more)
        for turn in range(1, count + 1)
    ]  # fmt: skip


def lost(report: Any) -> str:
    return "".join(each.text for each in report.assumptions if "less in the cache" in each.text)


def stayed(report: Any) -> Decimal:
    return sum((Decimal(each.cost_usd) for each in report.policies[0].routes if each.route == "(no rule)"), Decimal(0))


def _one_by_one(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(in_cells.InCells, "_can_be", lambda *_: False)


def _in_cells(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(in_cells, "_MOSTLY", 0)


@pytest.mark.parametrize("way", [_in_cells, _one_by_one])
def test_what_the_turns_that_moved_would_have_stored_is_written_again(
    way: Cut, replayed: Replayed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns 1, 3 and 5 stay: 3 finds 2,000 of the 4,000 tokens that it read, 5 finds 6,000 of 8,000."""
    way(monkeypatch)
    report = replayed(turns(), SECOND)
    read, written, fresh, output = 2000 + 6000, 2000 + 4000 + 4000, 300, 300
    assert stayed(report) == (read * Decimal("0.4") + written * 5 + fresh * 4 + output * 20) / 10**6
    assert lost(report) == (
        "2 calls that stay find 4,000 tokens less in the cache, as calls before them in their conversations move: "
        "$0.02 more."
    )


def test_an_automatic_cache_bills_what_it_lost_as_fresh_input(replayed: Replayed) -> None:
    """Such caches store all of a prompt: 3 finds the 2,100 tokens of 1, and 5 the 6,100 of 3."""
    report = replayed(turns("middle"), SECOND)
    read, fresh, output = 2100 + 6100, 2100 + 4000 + 4000, 300
    assert stayed(report) == (read * Decimal("0.5") + fresh * 5 + output * 20) / 10**6


@pytest.mark.parametrize("moved", ["nobody", "first", "all"])
def test_conversations_that_stay_or_move_as_a_whole_lose_nothing(moved: str, replayed: Replayed) -> None:
    """Of two conversations that take turns, with the same sizes, none, one or both move."""
    names = {"nobody": "neither", "first": "b", "all": "a, b"}[moved]
    rows = [row | {"team": row["conversation_id"]} for row in turns(of="a") + turns(of="b")]
    report = replayed(rows, policy(f"{{name: some, when: {{tags.team: {{in: [{names}]}}}}, route: {{model: judge}}}}"))
    whole = (30_000 * Decimal("0.4") + 12_000 * 5 + 600 * 4 + 600 * 20) / 10**6
    assert stayed(report) == whole * {"nobody": 2, "first": 1, "all": 0}[moved]
    assert not lost(report)


@pytest.mark.parametrize(("minutes", "tokens"), [(2, "4,000"), (3, "12,000")])
def test_what_stays_lives_for_the_lifetime_of_its_cache(minutes: int, tokens: str, replayed: Replayed) -> None:
    """Between calls that stay lie 4 or 6 minutes, and 5 minutes of lifetime."""
    rows = [row | {"time": f"2026-10-01T00:{minutes * turn:02}:00Z"} for turn, row in enumerate(turns(count=5))]
    assert f"find {tokens} tokens less" in lost(replayed(rows, SECOND))


def test_what_the_first_turn_found_was_stored_by_others_and_is_found_again(replayed: Replayed) -> None:
    """A system prompt of 1,500 tokens that calls of other conversations keep warm is there for a call left alone."""
    rows = [row | {"time": f"2026-10-01T0{turn}:00:00Z"} for turn, row in enumerate(turns(count=3))]
    rows[0] |= {"cached_tokens": 1500, "cache_write_tokens": 500}
    report = replayed(rows, policy("{name: two, when: {user: {is: second}}, route: {model: judge}}"))
    assert "finds 2,500 tokens less" in lost(report)


def test_without_conversations_a_prompt_goes_on_from_those_that_it_begins_with(replayed: Replayed) -> None:
    """Two chats under one system prompt: of one, whose texts tell it from the other, every second turn moves."""
    rows = []
    for place, row in enumerate(turns(of="a") + turns(of="b")):
        turn, chat = place % 6 + 1, row.pop("conversation_id")
        said = [{"role": ("user", "assistant")[n % 2], "content": f"{chat}{n}" * 400} for n in range(2 * turn - 1)]
        rows.append(row | {"system": "Be kind. " * 99, "prompt": json.dumps(said), "team": f"{chat}{turn % 2}"})
    report = replayed(rows, policy("{name: some, when: {tags.team: {is: b0}}, route: {model: judge}}"))
    assert "2 calls that stay find 4,000 tokens less" in lost(report)


def test_rows_of_calls_and_explanations_add_up_to_what_the_policy_costs(replayed: Replayed, tmp_path: Path) -> None:
    rows = [*turns(), *turns("middle", of="d")]
    long = policy(
        "{name: second, when: {user: {is: second}}, route: {model: judge}}", "{name: rest, route: {model: asked}}"
    )
    for text in (SECOND, long):
        report = replayed(rows, text, per_call=tmp_path / "calls.parquet")
        table = pq.read_table(tmp_path / "calls.parquet").to_pylist()
        read = {row["call_id"]: row["cache_read_tokens"] for row in table}
        assert (read["c-3"], read["c-5"], read["d-5"]) == (2000, 6000, 6100 if text is SECOND else None)
        costs = {row["call_id"]: row["cost_usd"] * row["billed_share"] for row in table}
        assert lost(report)
        assert sum(costs.values()) == Decimal(report.policies[0].cost_usd)
        found = explain("c-5", tmp_path)
        assert Decimal(found.cost_usd or "") == costs["c-5"]
        assert found.because == ["It finds 2,000 tokens less in the cache: calls before it in its conversation move."]


@pytest.mark.parametrize("way", [_in_cells, _one_by_one])
def test_of_a_long_log_it_is_told_what_the_reads_that_are_kept_are_worth(
    way: Cut, replayed: Replayed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns 3 and 5 read 4,000 and 8,000 tokens, which cost $5 - $0.40 a million more where they are written anew."""
    way(monkeypatch)
    monkeypatch.setattr(lost_hits, "MOST_CALLS", 11)
    report = replayed([*turns(), *turns(of="d", count=6)], SECOND)
    assert stayed(report) == Decimal("0.084")
    (text,) = [each.text for each in report.assumptions if "keep the cache reads" in each.text]
    assert text.startswith(
        "4 calls that stay keep the cache reads of the log, 24,000 tokens that would cost $0.11 more:"
    )
    simulated = SECOND + "\nlevers: {prompt_cache: {simulate: true}}"
    assert lost(replayed([*turns(), *turns(of="d", count=6)], simulated)).startswith("4 calls that stay find 8,000")


@pytest.mark.parametrize("way", [_in_cells, _one_by_one])
def test_reads_without_a_price_or_for_no_less_than_fresh_input_are_not_told_to_be_worth_something(
    way: Cut, replayed: Replayed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls beyond their model's window, of no known model, and of one with a single price for input."""
    way(monkeypatch)
    monkeypatch.setattr(lost_hits, "MOST_CALLS", 0)
    large = [row | {"input_tokens": 10**11, "cached_tokens": 10**11 - 5} for row in turns("strong", of="d", count=1)]
    rows = [*large, *turns("nobody-knows", of="f", count=3), *turns("small", of="g", count=3)]
    report = replayed([*rows, *turns(count=3)], SECOND)
    (text,) = [each.text for each in report.assumptions if "the cache reads" in each.text]
    assert text.startswith("1 call that stays keeps the cache reads of the log, 4,000 tokens that would cost $0.02 ")


def test_a_turn_that_a_cache_of_answers_serves_stores_nothing_for_the_next(replayed: Replayed) -> None:
    """Turn 2 asks what was asked and answered before it: 3 finds the 2,000 tokens of turn 1 alone."""
    rows = []
    for turn, row in enumerate(turns(count=3)):
        said = [{"role": ("user", "assistant")[n % 2], "content": f"{n} " * 400} for n in range(2 * turn + 1)]
        rows.append(row | {"prompt": json.dumps(said), "temperature": 0})
    rows.append(rows[1] | {"id": "before", "time": "2026-10-01T00:00:00Z", "conversation_id": "other"})
    report = replayed(rows, policy(more="levers: {response_cache: {ttl: 1h}}").replace("rules:\n", ""))
    assert report.policies[0].served_from_cache == 1
    assert "1 call that stays finds 2,000 tokens less" in lost(report)
