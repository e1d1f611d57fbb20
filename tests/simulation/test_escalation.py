"""Where rates of escalation come from, and what is said of it."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from scripts.fit_escalation import Figure, as_share, gain_of_tasks
from scripts.fit_escalation import prior as fitted
from tests.prices.tables import shipped
from tests.simulation.conftest import Replayed
from tests.simulation.test_what_a_policy_does import call, line, policy

from costsim.cost import Usage
from costsim.policies.attempts import Kind, Leg, whole
from costsim.projection import Factors
from costsim.replay.prior import escalation
from costsim.replay.projecting import Projecting

_SAME = Factors(input_tokens="same", output_tokens="same").of("some/model", "another/model", None)
CASCADE = "{{name: all, route: {{cascade: [{{model: small}}, {{model: strong}}], escalate: {{rate: {rate}}}}}}}"


def figures(sets: int, models: int, seed: int = 1) -> list[Figure]:
    """Figures whose log odds are -1, with a standard deviation of 0.8 between sets and 0.5 between models."""
    random, found = np.random.default_rng(seed), []
    for number in range(sets):
        of_set = random.normal(-1, 0.8)
        for model in range(models if number else 3 * models):
            rate = 1 / (1 + np.exp(-random.normal(of_set, 0.5)))
            found.append(Figure(f"set-{number}", "code", f"m-{model}", int(random.binomial(500, rate)), 500))
    return found


def test_the_fit_finds_what_figures_were_drawn_from() -> None:
    found, (rate, calls) = fitted(figures(30, 3, seed=2)), as_share(-1, (0.8**2 + 0.5**2) ** 0.5)
    assert found.rate == pytest.approx(rate, abs=0.05)
    assert found.calls == pytest.approx(calls, rel=0.4)
    assert found.low < 0.1 < 0.5 < found.high
    assert gain_of_tasks(figures(8, 3)) < 2


def test_what_ships_is_a_share_with_a_wide_interval() -> None:
    found = escalation()
    assert 0 < found.low < found.rate < found.high < 1
    assert found.high - found.low > 0.5


def test_without_a_number_or_a_call_of_the_first_model_the_prior_holds_and_is_called_one(replayed: Replayed) -> None:
    found = replayed([call(n) for n in range(4)], policy(CASCADE.format(rate="observed")))
    assert line(found, "all").escalation_rate == pytest.approx(escalation().rate)
    assert line(found, "all").escalation_basis == "prior"
    assert any(f"a prior of {escalation().told} from public test sets" in each.text for each in found.assumptions)


@pytest.mark.parametrize(
    ("rate", "more", "basis"),
    [
        ("0.1", {}, "given"),
        ("observed", {"model": "small"}, "observed"),
        ("prior", {"model": "small"}, "prior"),
        ("{unknown: 0.1}", {"model": "small"}, "given"),
    ],
)
def test_the_basis_is_what_was_used_not_what_was_asked_for(
    replayed: Replayed, rate: str, more: dict[str, Any], basis: str
) -> None:
    rows = [call(n, **(more if n < 3 else {})) for n in range(6)]
    found = replayed(rows, policy(CASCADE.format(rate=rate)))
    assert basis in (line(found, "all").escalation_basis or "").split(", ")


def test_rates_of_several_bases_name_them_all(replayed: Replayed) -> None:
    rows = [call(n, model="small", route="a", prompt="Fix the bug in this code: def f(): return 1/0") for n in range(9)]
    rows += [call(9, route="b", prompt="Translate into French: good morning")]
    found = line(replayed(rows, policy(CASCADE.format(rate="observed"))), "all")
    assert found.escalation_basis == "observed, prior"
    assert Decimal(found.cost_usd) > 0


def test_a_verifier_reads_and_judges_and_does_nothing_else() -> None:
    prices, ones = shipped(), np.ones(1, np.int64)
    model, nano = (ones * prices.index_of(None, name) for name in ("gpt-5.4", "gpt-5.4-nano"))
    usage = Usage(model, ones, ones * 0, ones * 100, ones * 10, web_searches=ones, things={"file_search": ones * 2})
    projecting = Projecting(usage, (ones * 0, [None]), prices, lambda *_: _SAME)
    leg = Leg(ones * 0, nano, whole(1))
    answer, verdict = (projecting.usage(replace(leg, kind=kind)) for kind in (Kind.ANSWER, Kind.VERIFY))
    assert answer.things["file_search"].tolist() == [2]
    assert not verdict.things
    assert verdict.web_searches is None


def test_a_call_that_stood_in_for_a_model_shows_that_it_failed_once_whether_or_not_that_call_is_in_the_log(
    replayed: Replayed,
) -> None:
    def rate(*more: dict[str, Any]) -> float | None:
        rows = [*(call(n, model="small") for n in range(20)), *more]
        return line(replayed(rows, policy(CASCADE.format(rate="observed"))), "all").escalation_rate

    moved = [call(n, fallback_of="small") for n in range(20, 25)]
    failed = [call(n, model="small", status="error") for n in range(25, 30)]
    without, told, both, shown = rate(), rate(*moved), rate(*moved, *failed), rate(*failed)
    assert without is not None
    assert told is not None
    assert shown is not None
    assert told > without
    assert both == pytest.approx(shown, abs=0.08), "five failures, not ten"
