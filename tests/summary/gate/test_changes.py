"""Lines are sums of what their routes and tasks changed by, whichever way each of these is known best."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from msgspec.structs import replace
from tests.summary.gate.logs import Recurring, Story, figures, judged, recurring

from costsim.summary.gate.baseline import Baseline, Pairing, Scope
from costsim.summary.gate.changes import Changes
from costsim.summary.gate.parts import INPUT, Amounts, Side, Use
from costsim.summary.gate.report import CheckReport, Line

USUAL = Story(tasks=("chat", "drafting"))
FEWER_HITS = Story(tasks=("chat", "drafting"), hits=0.45)
NO_CACHE = Story(tasks=("chat", "drafting"), hits=0.1)


def of_routes(**logs: Baseline) -> Baseline:
    """Return logs of one route each as one log."""
    named = {
        part: [replace(each, route=route) for route, log in logs.items() for each in getattr(log, part)]
        for part in ("cells", "spreads", "levels", "kinds")
    }
    pairing = {route: log.pairing.cases["a"] for route, log in logs.items() if log.pairing}
    first = next(iter(logs.values()))
    return replace(first, **named, pairing=Pairing("prompt", pairing) if pairing else None)


def compared(before: dict[str, Story], now: dict[str, Story], seed: int = 0) -> CheckReport:
    draw = np.random.default_rng(seed)
    return judged(*(of_routes(**{name: figures(each, draw) for name, each in side.items()}) for side in (before, now)))


def of(report: CheckReport, scope: str) -> dict[str | None, Line]:
    return {line.key: line for line in report.lines if line.scope == scope}


def add_up(report: CheckReport) -> bool:
    """Whether the lines of routes, and those of tasks, add up to the whole, and so do their parts."""
    (whole,) = of(report, "total").values()
    sums = [_parts(list(of(report, scope).values())) for scope in ("route", "task")]
    return all(each == _parts([whole]) for each in sums)


def _parts(lines: list[Line]) -> dict[str, Decimal]:
    found = {"change": sum((Decimal(line.change_usd) for line in lines), Decimal(0))}
    for line in lines:
        for part in line.parts:
            found[part.part] = found.get(part.part, Decimal(0)) + Decimal(part.change_usd)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_lines_add_up_although_kinds_of_calls_moved_on_one_route_alone(seed: int) -> None:
    before = dict.fromkeys("abc", USUAL)
    report = compared(before, before | {"b": NO_CACHE}, seed)
    assert add_up(report)
    assert any("add up to 'all'" in each for each in report.assumptions)
    chance = {key: "chance" in {part.part for part in line.parts} for key, line in of(report, "route").items()}
    assert chance == {"a": True, "b": False, "c": True}


def test_kinds_that_moved_a_little_everywhere_count_everywhere() -> None:
    """On each of the routes alone that might be chance."""
    before = dict.fromkeys("abcdefgh", USUAL)
    report = compared(before, dict.fromkeys(before, FEWER_HITS))
    assert add_up(report)
    assert {part.part for line in report.lines for part in line.parts}.isdisjoint({"chance"})
    alone = [compared({"a": USUAL}, {"a": FEWER_HITS}, seed).lines[0].parts for seed in range(8)]
    assert sum("chance" in {part.part for part in parts} for parts in alone) >= 5


def test_lines_add_up_although_pairs_speak_for_one_route_alone() -> None:
    draw = np.random.default_rng(2)
    sides = [
        of_routes(a=recurring(Recurring(longer=longer), draw), b=figures(USUAL, draw), c=figures(NO_CACHE, draw))
        for longer in (1.0, 1.1)
    ]
    report = judged(*sides)
    assert {key: line.test for key, line in of(report, "route").items()} == {"a": "pairs", "b": "spread", "c": "spread"}
    assert add_up(report)
    assert of(report, "route")["a"].change_percent == pytest.approx(10, abs=3)


def test_what_pairs_say_multiplies_what_every_task_cost_before() -> None:
    """So that none of them, however unsure, cost less than nothing."""
    scopes: list[Scope] = [("a", "often"), ("a", "rarely")]
    sides = {scope: Side(whole=Use(calls=1, cost=cost)) for scope, cost in zip(scopes, (1_000, 50), strict=True)}
    reasons: list[Amounts] = [{INPUT: Fraction(0)}, {INPUT: Fraction(40)}]
    changes = Changes(dict(zip(scopes, reasons, strict=True)), sides, scopes)
    changes.settle(scopes, Fraction(545), 1.0)
    assert [changes.amount(scope) for scope in scopes] == [500, 45]


def test_pairs_of_routes_too_small_for_them_speak_for_the_whole() -> None:
    draw, names = np.random.default_rng(3), "abcdef"
    sides = [
        of_routes(**{name: recurring(Recurring(known=0.5, longer=longer), draw, 40) for name in names})
        for longer in (1.0, 1.1)
    ]
    report = judged(*sides)
    assert {line.test for line in of(report, "route").values()} == {"spread"}
    (whole,) = of(report, "total").values()
    assert whole.test == "pairs"
    assert whole.change_percent == pytest.approx(10, abs=4)
    assert sum(Decimal(line.change_usd) for line in of(report, "route").values()) == Decimal(whole.change_usd)
