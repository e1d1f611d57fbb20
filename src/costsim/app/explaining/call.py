"""One call, its price taken apart: what `costsim explain` tells."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from costsim import cost, prices
from costsim.app.asked import day_of
from costsim.app.explaining import search as call_search
from costsim.app.prices.rate_card import how_to_map, origin, why
from costsim.app.prices.rate_choice import Choice, choose, tiers_of
from costsim.app.reading import Progress, Reading, calls_of
from costsim.app.tasks import signals
from costsim.cost import Costs, Usage
from costsim.prices import NO_TIME, TIERS, UNITS, PriceTable, Resolution
from costsim.replay import BASES, Replay, history
from costsim.reports.explaining.call import Explained, Part, Signal
from costsim.reports.prices.rate_card import Origin, per
from costsim.schema import TOKEN_COLUMNS, usd
from costsim.tasks import UNKNOWN, Reason

_WORDS = ("provider", "model", "requested_model", "service_tier", "region")


def explained(
    call_id: str,
    logs: Sequence[str],
    reading: Reading,
    price_files: Sequence[Path] = (),
    as_of: str = "logged",
    progress: Progress = lambda _done, _total: None,
) -> Explained:
    """Return everything that is known about one call of the logs, or of the last run where none are named."""
    day = day_of(as_of)
    table = prices.load(tuple(price_files))
    with calls_of(logs, reading, progress) as store:
        call = call_search.find(store, call_id)
    row: dict[str, Any] = call.to_pylist()[0]
    told = signals.reasons(logs, reading, row)
    return _account(row, history(call, table, day), table, price_files, told)


def _account(
    row: Mapping[str, Any], replay: Replay, table: PriceTable, files: Sequence[Path], told: list[Reason] | None
) -> Explained:
    usage = replay.attempts.usage
    index, at = int(usage.model[0]), int(usage.at[0])
    found = table.resolve(row["provider"], row["model"], None if at == NO_TIME else at, row["region"])
    choice = choice_of(table, index, at, int(usage.tier[0]), int(usage.input_tokens[0]))
    return Explained(
        **_logged(row),
        **_chosen(table, row, found, choice, files),
        **_paid(table, row, found, choice, replay),
        **_task(row, told),
    )


def choice_of(table: PriceTable, index: int, at: int, tier: int, tokens: int) -> Choice | None:
    """Return the rates of one request; None for an unknown model or tier."""
    return choose(table, index, at, TIERS[tier], max(tokens, 0)) if index >= 0 and tier < len(TIERS) else None


def _logged(row: Mapping[str, Any]) -> dict[str, Any]:
    """The call in the words of its log."""
    return {
        "call_id": row["call_id"],
        "where": f"{row['source_file']}:{row['source_line']}",
        "format": row["source"],
        "started_at": _time(row["started_at"]),
        "status": row["status"] + (f" ({row['error_type']})" if row["error_type"] else ""),
        "billed": row["billed"],
        "finish_reason": row["finish_reason"],
        "answer_check": row["answer_check"],
        "route": row["route"],
        "logged": {name: row[name] for name in _WORDS},
        "tokens": {name: row[name] for name in TOKEN_COLUMNS if row[name] is not None},
        "tokens_basis": row["tokens_basis"],
    }


def _chosen(
    table: PriceTable, row: Mapping[str, Any], found: Resolution, choice: Choice | None, files: Sequence[Path]
) -> dict[str, Any]:
    """Whose rates, which of them, and where they stand."""
    known: dict[str, Any] = {"model": table.book.keys[found.index] if found.known else None, "name": found.why}
    if choice is None:
        return known | {"why": None, "origin": None}
    written = origin(table, found.index, choice, files)
    said = why(table, found, choice, row["service_tier"], row["region"], written)
    place = Origin(written.file, written.source, written.checked, written.note)
    return known | {"why": said, "origin": place}


def _paid(
    table: PriceTable, row: Mapping[str, Any], found: Resolution, choice: Choice | None, replay: Replay
) -> dict[str, Any]:
    """The cost by its parts, or why there is none, and what the log itself reports."""
    known, reported = bool(replay.costs.known[0]), int(replay.reported[0])
    usage = replay.attempts.usage
    return {
        "parts": parts_of(usage, replay.costs, table, choice) if known and choice and row["billed"] else [],
        "computed_cost_usd": dollars(int(replay.costs.cost[0])) if known else None,
        "reason": None if known else _reason(table, row, found, choice, replay),
        "reported_cost_usd": dollars(reported) if reported >= 0 else None,
        "cost_usd": dollars(int(replay.cost[0])) if replay.known[0] else None,
        "cost_basis": BASES[replay.basis[0]],
    }


def parts_of(usage: Usage, costs: Costs, table: PriceTable, choice: Choice) -> list[Part]:
    """Return every unit that one request used: how many, at which rate, for how much."""
    units = cost.billed_units(usage, table)
    return [
        Part(unit, int(units[unit][0]), str(choice.rates[unit]), per(unit), dollars(int(costs.parts[unit][0])))
        for unit in UNITS
        if unit in units
    ]


def _reason(table: PriceTable, row: Mapping[str, Any], found: Resolution, choice: Choice | None, replay: Replay) -> str:
    reason = int(replay.costs.reason[0])
    said = cost.REASONS[reason]
    if reason == cost.NO_PRICE:
        return f"{said}: {found.why} ({how_to_map(table, row['model'] or 'NAME', row['provider'], found)})"
    if reason == cost.NO_TIER:
        sold = ", ".join(tiers_of(table, found.index))
        return f"{said}: the log says '{row['service_tier']}', the model is sold as {sold}"
    return f"{said}: {lacking(replay.attempts.usage, table, choice)}" if reason == cost.NO_RATE and choice else said


def lacking(usage: Usage, table: PriceTable, choice: Choice) -> str:
    """Return what one request used that has no rate: how many of each unit."""
    used = cost.billed_units(usage, table)
    return ", ".join(f"{int(used[unit][0]):,} {unit}" for unit in UNITS if unit in used and unit not in choice.rates)


def _task(row: Mapping[str, Any], told: list[Reason] | None) -> dict[str, Any]:
    return {
        "task": row["task"] or UNKNOWN,
        "task_confidence": round(row["task_confidence"] or 0.0, 4),
        "complexity": row["complexity"] or "unknown",
        "complexity_score": round(row["complexity_score"] or 0.0, 4),
        "signals": None if told is None else [_signal(one) for one in told],
    }


def _signal(one: Reason) -> Signal:
    return Signal(one.task, one.signal, round(one.weight, 4) if math.isfinite(one.weight) else None, one.where)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def dollars(amount: int) -> str:
    """Return 10^-12 USD as the exact decimal of USD."""
    return f"{usd(amount).normalize():f}"
