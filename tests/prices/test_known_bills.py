"""Calls whose price is known from a provider's page or a bill, priced to the last digit from what a log says."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.prices.tables import shipped
from tests.summary.acme import micros, table

from costsim.formats.openai import chat as openai_chat
from costsim.replay import BASES, Replay, history

TRILLION = 10**12
WRITTEN = {"input_tokens": 3 + 12_304, "cache_write_tokens": 12_304, "output_tokens": 550}
SHORT = {"input_tokens": 10_000, "output_tokens": 1_000}
LONG = {"input_tokens": 300_000, "output_tokens": 1_000}

TEN_CALLS: dict[str, tuple[str | None, dict[str, Any]]] = {
    "5 min cache write": ("0.054399", {"provider": "anthropic", "model": "claude-sonnet-4-5", **WRITTEN}),
    "1 h cache write": (
        "0.082083",
        {"provider": "anthropic", "model": "claude-sonnet-4-5", **WRITTEN, "cache_write_1h_tokens": 12_304},
    ),
    "cached input": (
        "0.014590",
        {"provider": "openai", "model": "gpt-4o", **SHORT, "cache_read_tokens": 9_000, "output_tokens": 84},
    ),
    "long context of Google": ("0.765", {"provider": "google", "model": "gemini-2.5-pro", **LONG}),
    "long context of OpenAI": ("3.045", {"provider": "openai", "model": "gpt-5.5", **LONG}),
    "flex": ("0.04", {"provider": "openai", "model": "gpt-5.5", **SHORT, "service_tier": "flex"}),
    "priority": ("0.20", {"provider": "openai", "model": "gpt-5.5", **SHORT, "service_tier": "priority"}),
    "a price of the past": ("0.14", {"provider": "openai", "model": "o3", **SHORT, "started_at": micros("2025-06-01")}),
    "a router's own charge": (
        "0.00123",
        {"provider": "openrouter", "model": "openai/gpt-4o", **SHORT, "reported_cost": 1_230_000_000},
    ),
    "an unknown model": (None, {"provider": "openai", "model": "gpt-of-our-own", **SHORT}),
}


def paid(call: dict[str, Any]) -> Replay:
    """What one row of the calls table cost, as an audit prices it."""
    return history(table({"started_at": micros("2026-11-17T12:00"), **call}), shipped())


def usd(replay: Replay) -> Decimal | None:
    return Decimal(int(replay.cost[0])) / TRILLION if replay.known[0] else None


@pytest.mark.parametrize("name", TEN_CALLS)
def test_the_ten_calls_that_break_price_engines_cost_what_they_cost(name: str) -> None:
    expected, call = TEN_CALLS[name]
    assert usd(paid(call)) == (None if expected is None else Decimal(expected))


OF_OTHER_DAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "o3's cached input before its cut": (
        "0.0725",
        {"provider": "openai", "model": "o3", **SHORT, "cache_read_tokens": 9_000, "started_at": micros("2025-06-09")},
    ),
    "o3's cached input since": (
        "0.0145",
        {"provider": "openai", "model": "o3", **SHORT, "cache_read_tokens": 9_000, "started_at": micros("2025-06-10")},
    ),
    "a preview that cost more than its successor": (
        "0.375",
        {"provider": "anthropic", "model": "claude-mythos-preview", **SHORT, "started_at": micros("2026-05-01")},
    ),
    "a model in service": (
        "0.225",
        {"provider": "anthropic", "model": "claude-3-opus-20240229", **SHORT, "started_at": micros("2025-12-31")},
    ),
    "the same in a log that goes on after its retirement": (
        "0.225",
        {"provider": "anthropic", "model": "claude-3-opus-20240229", **SHORT, "started_at": micros("2026-02-01")},
    ),
    "a name before another model answered under it": (
        "0.045",
        {"provider": "xai", "model": "grok-4", **SHORT, "started_at": micros("2026-05-15T18:59")},
    ),
    "the same name since": (
        "0.015",
        {"provider": "xai", "model": "grok-4", **SHORT, "started_at": micros("2026-05-15T19:00")},
    ),
}


@pytest.mark.parametrize("name", OF_OTHER_DAYS)
def test_a_call_costs_what_it_cost_on_its_day(name: str) -> None:
    expected, call = OF_OTHER_DAYS[name]
    assert usd(paid(call)) == Decimal(expected)


INVOICES: dict[str, dict[str, Any]] = {
    "anthropic-console-2025-04": {"usd": "0.054399", "basis": "computed"},
    "aws-offer-file-gptoss20b": {"usd": "0.00000518", "basis": "computed"},
    "anthropic-fallback-model": {"usd": "0.00866", "basis": "computed"},
    "openrouter-byok": {"usd": "0.0360795", "basis": "reported"},
    "openrouter-hidden-reasoning": {"usd": "2.7733", "basis": "reported"},
    "openai-historic-o3": {"usd": "0.14", "basis": "computed"},
}
"""Each invoice: what was billed, and whether costsim knows it from its price table or because the log says so."""


@pytest.fixture(scope="module")
def invoices(shared_prices: Path) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in json.loads((shared_prices / "invoices.json").read_text(encoding="utf-8"))}


def test_no_invoice_is_left_out(invoices: dict[str, dict[str, Any]]) -> None:
    assert set(invoices) == set(INVOICES)


@pytest.mark.parametrize("name", INVOICES)
def test_a_call_costs_what_its_invoice_says(invoices: dict[str, dict[str, Any]], name: str) -> None:
    replay = paid(logged(invoices[name]))
    assert (usd(replay), BASES[replay.basis[0]]) == (Decimal(INVOICES[name]["usd"]), INVOICES[name]["basis"])


def test_a_bill_of_several_days_has_the_price_of_each(invoices: dict[str, dict[str, Any]]) -> None:
    by_day = invoices["openai-historic-o3"]["expected_usd_by_date"]
    found = {day: usd(paid(logged(invoices["openai-historic-o3"]) | {"started_at": micros(day)})) for day in by_day}
    assert found == {day: Decimal(str(expected)) for day, expected in by_day.items()}


def test_list_prices_explain_all_of_a_bill_but_its_hidden_reasoning(invoices: dict[str, dict[str, Any]]) -> None:
    """The router charged for tokens that its usage does not show: only its own report can say what they cost."""
    bill = invoices["openrouter-hidden-reasoning"]
    batch, some = {"provider": "openrouter", "model": f"{bill['model']}:batch"}, 10_000
    sums = {"input": bill["usage_sum"]["prompt_tokens"], "output": bill["usage_sum"]["completion_tokens"]}
    parts = paid({**batch, "input_tokens": some, "output_tokens": some}).costs.parts
    shown = sum(Decimal(int(parts[unit][0])) / some * tokens for unit, tokens in sums.items()) / TRILLION
    assert round(shown, 4) == Decimal(str(bill["table_usd"]))


def logged(bill: dict[str, Any]) -> dict[str, Any]:
    """An invoice's call as a row of the calls table."""
    about = {"provider": bill["provider"], "model": bill.get("model_served") or bill.get("model")}
    if "at" in bill or "expected_usd_by_date" in bill:
        about["started_at"] = micros(bill.get("at") or min(bill["expected_usd_by_date"]))
    if bill["provider"] == "openrouter":
        return about | routed(bill)
    usage = bill["usage_raw"]
    written, read = (usage.get(f"cache_{kind}_input_tokens", 0) for kind in ("creation", "read"))
    whole = usage["input_tokens"] + written + read
    counts = {"cache_write_tokens": written, "cache_read_tokens": read, "output_tokens": usage.get("output_tokens", 0)}
    return about | {"input_tokens": whole, **counts}


def routed(bill: dict[str, Any]) -> dict[str, Any]:
    """What the format of OpenAI's API reads in a router's answer; a bill over many calls is taken as one."""
    usage = bill.get("usage_raw") or bill["usage_sum"] | {"cost": bill["billed_usd"]}
    answer = {"id": "gen-1", "object": "chat.completion", "model": "m", "provider": "x", "choices": [], "usage": usage}
    (call,) = openai_chat.read(json.dumps(answer).encode())
    names = ("input_tokens", "output_tokens", "reported_cost")
    return {name: getattr(call, name) for name in names}
