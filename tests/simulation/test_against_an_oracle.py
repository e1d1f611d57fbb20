"""Replays agree to the last digit with plain arithmetic, one call after the other, written from the specification."""

from fractions import Fraction
from random import Random
from typing import Any

import pytest
from tests.simulation.conftest import Replayed

USD: dict[str, tuple[Fraction, Fraction | None, Fraction]] = {
    "strong": (Fraction(30), Fraction(3), Fraction(120)),
    "middle": (Fraction(5), Fraction(1, 2), Fraction(20)),
    "small": (Fraction(1, 4), None, Fraction(2)),
    "judge": (Fraction(1), None, Fraction(4)),
}
"""Input, cached input and output, per million."""
WINDOW = {"strong": 100_000, "small": 8_000}

POLICY = """
version: 1
name: mixed
tiers:
  cheap: {models: [small, middle]}
rules:
  - name: short
    when: {input_tokens: {lt: 3000}, model: {is: strong}}
    route:
      cascade: [{tier: cheap}, {model: strong}]
      escalate: {rate: 0.2, carry_answer: true, verifier: {model: judge, output_tokens: 10}}
  - name: long
    when: {input_tokens: {gt: 20000}}
    route: {model: small}
  - name: shared
    when: {output_tokens: {gte: 500}}
    route: {split: [{model: small, weight: 1}, {model: middle, weight: 3}]}
  - name: moved
    when: {model: {is: strong}}
    route: {model: middle}
fallback: {rate: 0.1, retries: 1, then: [strong]}
assume: {input_tokens: same, output_tokens: same}
"""
ESCALATES, FAILS = Fraction(1, 5), Fraction(1, 10)

Call = dict[str, Any]


def price(model: str, reads: int, writes: int, cached: int = 0) -> Fraction:
    """What one request costs in USD."""
    of_input, of_cached, of_output = USD[model]
    of_cached = of_input if of_cached is None else of_cached
    return ((reads - cached) * of_input + cached * of_cached + writes * of_output) / 10**6


def attempted(model: str, call: Call, more: int = 0) -> Fraction:
    """An attempt on another model with its retry and its fallback; a failure costs nothing, as none in the log did."""
    own = price(call["model"], call["input_tokens"], call["output_tokens"], call["cached_tokens"])
    if model == call["model"]:
        return own if not more else price(model, call["input_tokens"] + more, call["output_tokens"])
    request = price(model, call["input_tokens"] + more, call["output_tokens"])
    after = price("strong", call["input_tokens"] + more, call["output_tokens"]) if model != "strong" else Fraction(0)
    return (1 - FAILS) * (request + FAILS * request) + FAILS**2 * (
        1 if call["model"] == "strong" else 1 - FAILS
    ) * after


def can(model: str, call: Call) -> bool:
    fits: bool = call["input_tokens"] + call["output_tokens"] <= WINDOW.get(model, 10**9)
    return fits or bool(model == call["model"])


def route(call: Call) -> tuple[str, Fraction]:
    """The rule of a call, and what it is expected to cost."""
    own = price(call["model"], call["input_tokens"], call["output_tokens"], call["cached_tokens"])
    if call["input_tokens"] < 3000 and call["model"] == "strong":
        first = min((m for m in ("small", "middle") if can(m, call)),
                    key=lambda m: price(m, call["input_tokens"], call["output_tokens"]))  # fmt: skip
        judge = price("judge", call["input_tokens"] + call["output_tokens"], 10)
        second = price("strong", call["input_tokens"] + call["output_tokens"], call["output_tokens"])
        return "short", attempted(first, call) + judge + ESCALATES * second
    if call["input_tokens"] > 20_000:
        return "long", attempted("small", call) if can("small", call) else own
    if call["output_tokens"] >= 500:
        if can("small", call):
            parts = Fraction(1, 4) * attempted("small", call), Fraction(3, 4) * attempted("middle", call)
            return "shared", sum(parts, Fraction(0)) if call["model"] == "strong" else _partly_own(call, own)
        rest = Fraction(1, 4) * _uncached(call) + Fraction(3, 4) * _middle(call)
        return "shared", rest
    if call["model"] == "strong":
        return "moved", attempted("middle", call)
    return "(no rule)", own


def _uncached(call: Call) -> Fraction:
    """A part of a call on its own model: the cache of a part of the traffic is not there to be read."""
    return price(call["model"], call["input_tokens"], call["output_tokens"])


def _middle(call: Call) -> Fraction:
    return attempted("middle", call) if call["model"] != "middle" else _uncached(call)


def _partly_own(call: Call, own: Fraction) -> Fraction:
    of_small = own if call["model"] == "small" else attempted("small", call)
    small = _uncached(call) if call["model"] == "small" else of_small
    return Fraction(1, 4) * small + Fraction(3, 4) * _middle(call)


def calls(seed: int) -> list[Call]:
    random = Random(seed)
    found = []
    for number in range(60):
        reads = random.choice([random.randint(1, 3200), random.randint(2500, 9000), random.randint(19_000, 21_000)])
        found.append({
            "id": f"call-{number}", "time": f"2026-10-0{random.randint(1, 9)}T12:00:00Z",
            "model": random.choice(["strong", "strong", "middle", "small"]), "input_tokens": reads,
            "output_tokens": random.choice([0, random.randint(1, 499), random.randint(480, 900)]),
            "cached_tokens": random.choice([0, 0, reads // 2]),
        })  # fmt: skip
        if found[-1]["model"] == "small":
            found[-1]["cached_tokens"] = 0
    return found


@pytest.mark.parametrize("seed", range(4))
def test_every_route_costs_what_its_calls_cost_one_by_one(replayed: Replayed, seed: int) -> None:
    log = calls(seed)
    report = replayed(log, POLICY)
    expected: dict[str, Fraction] = {}
    for call in log:
        name, cost = route(call)
        expected[name] = expected.get(name, Fraction(0)) + cost
    found = {line.route: Fraction(line.cost_usd) for line in report.policies[0].routes}
    for name, cost in found.items():
        assert abs(cost - expected.get(name, Fraction(0))) < Fraction(1, 10**9), name
    whole = sum(price(c["model"], c["input_tokens"], c["output_tokens"], c["cached_tokens"]) for c in log)
    assert Fraction(report.baseline.cost_usd) == whole
