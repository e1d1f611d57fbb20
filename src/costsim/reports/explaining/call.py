"""One call taken apart, as plain values and as text: what it was, which rates it had, and every part of its cost."""

from collections.abc import Callable, Sequence

import msgspec

from costsim.reports.aligned import columns, on_point, same_places
from costsim.reports.layout import wrapped
from costsim.reports.legible import clean
from costsim.reports.prices.rate_card import Origin, Why
from costsim.schema import BAD_TOOL_CALL, INVALID_JSON, REFUSAL

WIDTH = 110
_INDENT = "  "
_MOST_SIGNALS = 12


class Part(msgspec.Struct, frozen=True):
    """What one unit came to: count x rate = amount, exactly."""

    unit: str
    count: int
    usd_rate: str
    per: str
    usd: str


class Signal(msgspec.Struct, frozen=True):
    """Something in the request that spoke for or against a task."""

    task: str
    signal: str
    weight: float | None
    """Points; None where the user's map decided."""
    where: str


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known about one call and its cost; money is exact text in USD."""

    schema_version: str = "1"
    command: str = "explain"
    call_id: str
    where: str
    """file:line."""
    format: str
    started_at: str | None
    status: str
    billed: bool
    finish_reason: str | None
    answer_check: str | None
    """What a program that takes the answer sees at once (`ANSWER_CHECKS`); None where nothing could be looked at."""
    route: str | None
    logged: dict[str, str | None]
    """Provider, model, tier and region in the log's words."""
    tokens: dict[str, int]
    """Counts as logged; those that the log does not state are left out."""
    tokens_basis: str | None
    model: str | None
    """provider/model of the price table; None = unknown."""
    why: Why | None
    name: str
    """How the model's name was read, or why it could not be."""
    origin: Origin | None
    parts: list[Part]
    """They add up to `computed_cost_usd`."""
    computed_cost_usd: str | None
    reason: str | None
    """Why there is no computed cost."""
    reported_cost_usd: str | None
    cost_usd: str | None
    """What `audit` counts."""
    cost_basis: str
    task: str
    task_confidence: float
    complexity: str
    complexity_score: float
    signals: list[Signal] | None
    """None = not told: no log was named, or the call could not be read again."""


def as_table(call: Explained) -> str:
    """Return the call, its rates with their reasons, the sum line by line, and what it was for."""
    blocks = [_call(call), _cost(call), _why(call), _task(call)]
    return "\n\n".join("\n".join(map(clean, block)) for block in blocks if block) + "\n"


def as_json(call: Explained) -> str:
    """Return the values as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(call), indent=2).decode() + "\n"


SHAPES: dict[str, Callable[[Explained], str]] = {"table": as_table, "json": as_json}
"""What `costsim explain --format` names."""


_SEEN = {
    INVALID_JSON: "the answer is not the JSON that was asked for",
    BAD_TOOL_CALL: "the arguments of a tool call are no JSON",
    REFUSAL: "a refusal",
}


def _call(call: Explained) -> list[str]:
    logged = [f"{name.replace('_', ' ')} {value}" for name, value in call.logged.items() if value is not None]
    about = {
        "at": f"{call.where} ({call.format})",
        "time": call.started_at or "not logged",
        "logged": ", ".join(logged) or "no model",
        "model": call.model or "unknown",
        "status": call.status if call.billed else f"{call.status}, not billed",
        "ended": "; ".join(part for part in (call.finish_reason, _SEEN.get(call.answer_check or "")) if part),
        "route": call.route or "",
    }
    return [f"call {call.call_id}", *_named_lines({name: text for name, text in about.items() if text})]


def _cost(call: Explained) -> list[str]:
    if call.computed_cost_usd is None:
        tokens = [f"{count:,} {name}" for name, count in call.tokens.items()]
        shown = [f"{_INDENT}computed  none: {call.reason}", f"{_INDENT}logged    {', '.join(tokens) or 'no tokens'}"]
    elif call.parts:
        shown = added_up(call.parts, call.computed_cost_usd)
    else:
        shown = [f"{_INDENT}{call.computed_cost_usd}  {'nothing was used' if call.billed else 'it was not billed'}"]
    if call.reported_cost_usd is not None:
        shown.append(f"{_INDENT}the log reports {call.reported_cost_usd}{_beside(call)}")
    tokens_said = f", tokens {call.tokens_basis}" if call.tokens_basis else ""
    return [f"Cost in USD: {call.cost_usd or 'not known'} ({call.cost_basis}{tokens_said})", *shown]


def added_up(parts: Sequence[Part], total: str) -> list[str]:
    """Return count x rate = amount for each unit, and the total below, on one decimal point."""
    rates = on_point([part.usd_rate for part in parts])
    amounts = same_places([*(part.usd for part in parts), total])
    rows = [
        (part.unit, f"{part.count:,}", "x", rate, f"per {part.per}", "=", amount)
        for part, rate, amount in zip(parts, rates, amounts, strict=False)
    ]
    return columns([*rows, ("total", "", "", "", "", "=", amounts[-1])], _INDENT, right=(1, 6))


def _beside(call: Explained) -> str:
    if call.cost_basis == "reported":
        return ", which is counted" if call.computed_cost_usd is None else ": the router's charge, which is counted"
    return ", the same" if call.reported_cost_usd == call.computed_cost_usd else ""


def _why(call: Explained) -> list[str]:
    if call.why is None:
        return ["Why no price", *_named_lines({"name": call.name})]
    said = msgspec.structs.asdict(call.why)
    if call.origin is not None:
        said["source"] = call.origin.source or "not stated"
        said["checked"] = f"{call.origin.checked or 'not stated'} ({call.origin.file})"
    return ["Why these rates", *_named_lines(said)]


def _task(call: Explained) -> list[str]:
    head = (
        f"Task: {call.task} (confidence {call.task_confidence:.2f}), "
        f"{call.complexity} (complexity {call.complexity_score:.2f})"
    )
    if call.signals is None:
        return [
            head,
            f"{_INDENT}the signals that decided are not told: no text is kept, and no log was read again (name it)",
        ]
    rows = [(_weight(one), "for", one.task, one.signal, f"({one.where})") for one in call.signals[:_MOST_SIGNALS]]
    return [head, *(columns(rows, _INDENT, right=(0,)) if rows else [f"{_INDENT}nothing to read in the request"])]


def _weight(one: Signal) -> str:
    if one.weight is None:
        return "voted" if one.where == "votes" else "stated"
    return f"{one.weight:+.2f}"


def _named_lines(said: dict[str, str]) -> list[str]:
    width = max(map(len, said)) + len(_INDENT)
    return [line for name, text in said.items() for line in _filled(text, f"{_INDENT}{name:<{width}}")]


def _filled(text: str, indent: str) -> list[str]:
    if " " not in text:  # an address is copied whole
        return [indent + text]
    lines = wrapped(text, WIDTH, indent=indent, hanging=" " * len(indent))
    return ["".join(span for span, _ in line) for line in lines]
