"""Every point of a sweep costs what pencil and paper say; a sweep changes one number, or says which it sets alike.

Prices per million: strong 30 / 120, middle 5 / 20, small 0.25 / 2, judge 1 / 4; every call has 1,000 / 100 tokens but
where another number stands.
"""

from decimal import Decimal
from pathlib import Path

import pytest
from tests.simulation.conftest import Replayed
from tests.simulation.test_what_a_policy_does import call, policy

from costsim.app.asked import Asked
from costsim.app.reading import Reading
from costsim.app.simulate import Wanted, simulate
from costsim.errors import UsageError

SMALL, MIDDLE, STRONG, JUDGE = Decimal("0.00045"), Decimal("0.007"), Decimal("0.042"), Decimal("0.00114")
READS_ANSWER = Decimal("0.003")
"""What 100 more tokens of input cost on the strong model."""
CASCADE = (
    "{name: all, route: {cascade: [{model: small}, {model: strong}], "
    "escalate: {rate: 0.5, carry_answer: true, verifier: {model: judge, output_tokens: 10}}}}"
)


def points(replayed: Replayed, rows: list[dict[str, object]], text: str, sweep: str) -> list[Decimal]:
    return [Decimal(point.cost_usd) for point in replayed(rows, text, sweep=[sweep]).sweep]


def test_rates_of_escalation_and_failure(replayed: Replayed) -> None:
    """A judged answer, and so many strong ones that read it; failures are unpaid, and the strong model answers."""
    rows = [call(0, model="middle"), call(1, model="middle")]
    found = points(replayed, rows, policy(CASCADE), "escalation_rate=0:1:0.5")
    first = SMALL + JUDGE
    assert found == [2 * (first + rate * (STRONG + READS_ANSWER)) for rate in (0, Decimal("0.5"), 1)]
    falls = "fallback: {retries: 1, then: [strong]}\nassume: {input_tokens: same, output_tokens: same}"
    text = policy("{name: all, route: {model: small}}", more=falls)
    fails = [Decimal(each) for each in ("0", "0.25", "1")]
    answered = [(1 - rate * rate) * SMALL + rate * rate * (1 - rate) * STRONG for rate in fails]
    assert points(replayed, rows, text, "fallback_rate=0,0.25,1") == [2 * each for each in answered]


def test_factors_of_tokens_on_every_model_but_the_one_that_answered(replayed: Replayed) -> None:
    rows = [call(0), call(1, model="small")]
    text = policy("{name: all, route: {model: small}}", more="")
    of_input, of_output = Decimal("0.00025"), Decimal("0.0002")
    factors = [Decimal("0.5"), Decimal(1), Decimal(3)]
    text_of_output = text + "\nassume: {output_tokens: same}"
    found = points(replayed, rows, text_of_output, "input_tokens=0.5,1,3")
    assert found == [of_input * factor + of_output + SMALL for factor in factors]
    found = points(replayed, rows, text + "\nassume: {input_tokens: same}", "output_tokens=0.5,1,3")
    assert found == [of_input + of_output * factor + SMALL for factor in factors]


def test_limits_of_conditions_on_columns_and_on_tags_that_are_numbers(replayed: Replayed) -> None:
    """Below the limit to the small model, from it on to the middle one: both rules follow the one number."""
    rows = [call(n, reads=1000 * n, team=str(n)) for n in (1, 2, 3)]
    text = policy("{name: few, when: {input_tokens: {lt: 2000}}, route: {model: small}}",
                  "{name: many, when: {input_tokens: {gte: 2000}}, route: {model: middle}}")  # fmt: skip
    on_small = [SMALL + n * Decimal("0.00025") for n in range(3)]
    on_middle = [MIDDLE + n * Decimal("0.005") for n in range(3)]
    found = points(replayed, rows, text, "conditions.input_tokens=1000,2000,3001")
    assert found == [sum(on_small[:n]) + sum(on_middle[n:]) for n in (0, 1, 3)]
    tagged = policy("{name: few, when: {tags.team: {lte: 1}}, route: {model: small}}")
    kept = [STRONG + n * Decimal("0.03") for n in range(3)]
    found = points(replayed, rows, tagged, "conditions.tags.team=0.5,2,2.5")
    assert found == [sum(on_small[:n]) + sum(kept[n:]) for n in (0, 2, 2)]


def test_two_numbers_of_one_rule_are_swept_one_at_a_time(replayed: Replayed) -> None:
    rows = [call(n, reads=1000 * n) for n in (1, 2, 3)]
    text = policy("{name: between, when: {input_tokens: {gte: 2000, lt: 3000}}, route: {model: middle}}")
    with pytest.raises(UsageError, match=r"more than one number.*say conditions.input_tokens.gte or"):
        points(replayed, rows, text, "conditions.input_tokens=1000")
    on_strong = [STRONG + n * Decimal("0.03") for n in range(3)]
    on_middle = [MIDDLE + n * Decimal("0.005") for n in range(3)]
    found = points(replayed, rows, text, "rules.between.conditions.input_tokens.lt=2000,4000")
    assert found == [sum(on_strong), on_strong[0] + sum(on_middle[1:])]


def test_numbers_of_several_rules_that_differ_are_told_to_be_set_alike(tmp_path: Path) -> None:
    log, file = tmp_path / "log.csv", tmp_path / "policy.yaml"
    log.write_text("model,input_tokens,output_tokens\ngpt-5.4,1000,100\n")
    file.write_text(policy("{name: few, when: {input_tokens: {lt: 4000}}, route: {model: gpt-5.4-mini}}",
                           "{name: many, when: {input_tokens: {gt: 200000}}, route: {model: gpt-5.4}}"))  # fmt: skip
    wanted = Wanted([file], controls=False, sweep=["conditions.input_tokens=1000,2000"])
    (said,) = simulate([str(log)], Reading(home=tmp_path, workers=1), Asked(), wanted).warnings
    assert "one value in 'few' (4,000) and 'many' (200,000) of policy 'tried' (rules.NAME.conditions.input" in said
