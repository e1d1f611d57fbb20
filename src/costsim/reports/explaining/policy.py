"""One call under a policy, as plain values and as text: rules, models, every attempt's price."""

from collections.abc import Callable, Sequence

import msgspec

from costsim.reports.aligned import columns, same_places
from costsim.reports.explaining.call import Part, added_up
from costsim.reports.legible import clean

_INDENT = "  "


class RuleTried(msgspec.Struct, frozen=True):
    """A rule that was asked whether it takes the call."""

    rule: str
    takes: bool
    why: list[str]
    """The conditions that did not hold."""


class ModelAsked(msgspec.Struct, frozen=True):
    """A model of the route."""

    model: str
    service_tier: str
    """The tier in which it would be asked."""
    why_not: list[str]
    """What keeps the call from it; empty: it can do it."""
    usd: str | None
    """What the call would cost on it in that tier."""


class Attempt(msgspec.Struct, frozen=True):
    """A request that the policy would send."""

    kind: str
    number: int
    model: str
    service_tier: str
    share: str
    """The expected part of the call that makes it, exact."""
    billed_share: str
    tokens: str
    """Where its token counts come from."""
    parts: list[Part]
    """They add up to `usd`; none where that is what the log reports."""
    usd: str
    expected_usd: str
    """`usd` x `billed_share`."""


class Rerouted(msgspec.Struct, frozen=True, kw_only=True):
    """One call under a policy; money is exact text in USD."""

    schema_version: str = "1"
    command: str = "explain"
    call_id: str
    policy: str
    rules: list[RuleTried]
    rule: str | None
    """The one that took the call; None: it keeps its model."""
    models: list[ModelAsked]
    because: list[str]
    """What earlier calls and files of decisions say of it: a budget that is spent, an answer that is kept."""
    attempts: list[Attempt]
    """Their expected costs add up to `cost_usd`; empty where the call stays as it was, or a kept answer serves it."""
    stays: str | None
    """Why the call stays as it was; None where it goes by the policy."""
    baseline_cost_usd: str | None
    cost_usd: str | None
    savings_usd: str | None


def as_table(call: Rerouted) -> str:
    """Return the call under its policy, step by step."""
    blocks = [_rules(call), _models(call), call.because, *map(_attempt, call.attempts), _sum(call)]
    return "\n\n".join("\n".join(map(clean, block)) for block in blocks if block) + "\n"


def as_json(call: Rerouted) -> str:
    """Return the values as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(call), indent=2).decode() + "\n"


SHAPES: dict[str, Callable[[Rerouted], str]] = {"table": as_table, "json": as_json}
"""What `costsim explain --policy --format` names."""


def _rules(call: Rerouted) -> list[str]:
    rows = [(each.rule, "takes it" if each.takes else "no: " + "; ".join(each.why)) for each in call.rules]
    took = f"rule '{call.rule}' takes it" if call.rule is not None else "no rule takes it: it keeps its model"
    return [f"call {call.call_id} under '{call.policy}': {took}", *columns(rows, _INDENT)]


def _models(call: Rerouted) -> list[str]:
    if not call.models:
        return []
    amounts = same_places([each.usd or "0" for each in call.models])
    rows = [
        (
            f"{each.model} ({each.service_tier})",
            amount if each.usd is not None else "no price",
            "; ".join(each.why_not) or "can do it",
        )
        for each, amount in zip(call.models, amounts, strict=True)
    ]
    return ["Models of the route, with what the call would cost in USD", *columns(rows, _INDENT, right=(1,))]


def _attempt(attempt: Attempt) -> list[str]:
    share = "" if attempt.billed_share == "1" else f", of which {attempt.billed_share} is billed"
    head = f"{attempt.kind} {attempt.number + 1}: {attempt.model} ({attempt.service_tier}); {attempt.tokens}{share}"
    return [head, *added_up(attempt.parts, attempt.usd)] if attempt.parts else [head, f"{_INDENT}{attempt.usd}"]


def _sum(call: Rerouted) -> list[str]:
    if call.stays is not None:
        costs = "" if call.cost_usd is None else f" It costs {call.cost_usd}."
        return [f"It stays as it was: {call.stays}.{costs}"]
    amounts: Sequence[str] = [each.expected_usd for each in call.attempts]
    named = [f"{each.kind} {each.number + 1}, {each.usd} x {each.billed_share}" for each in call.attempts]
    ends = [("under the policy", call.cost_usd or ""), ("as logged", call.baseline_cost_usd or "")]
    ends.append(("saves", call.savings_usd or ""))
    rows = [*zip(named, amounts, strict=True), *ends]
    aligned = same_places([amount for _, amount in rows])
    lines = [(name, "=", amount) for (name, _), amount in zip(rows, aligned, strict=True)]
    return ["Expected cost in USD", *columns(lines, _INDENT, right=(2,))]
