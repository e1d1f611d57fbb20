"""Numbers that nothing can be reckoned with are told with their line, in a policy, a sweep and a budget."""

import pytest

from costsim import prices as price_tables
from costsim.errors import ConfigError, ConfigMistakesError, UsageError
from costsim.policies.loading import parse
from costsim.summary.gate.limits import parse_budget
from costsim.summary.simulation import sweeps

SPLIT = "route: {split: [{model: gpt-5.4, weight: %s}, {model: gpt-5.5, weight: 1}]}"
BUDGET = "route: {model: gpt-5.4, budget: {per: user, every: month, usd: %s, then: {model: gpt-5.4}}}"
FACTOR = "route: {model: gpt-5.4}\nassume: {output_tokens: {gpt-5.4: %s}}"
COMPARED = "when: {reported_cost: {gt: %s}}\n    route: {model: gpt-5.4}"


@pytest.mark.parametrize(
    ("rule", "number", "said"),
    [
        (SPLIT, ".inf", "mine.yaml:5: inf is no number to reckon with (leave the key out where there is no limit)"),
        (SPLIT, "1.0e+308", "mine.yaml:5: 1e+308 is too large a number (at most 1,000,000,000,000,000)"),
        (BUDGET, ".nan", "mine.yaml:5: nan is no number to reckon with (leave the key out where there is no limit)"),
        (FACTOR, "1001", "mine.yaml:6: gpt-5.4: expected a number above 0 and up to 1000, not 1001"),
        (COMPARED, "1.0e+300", "mine.yaml:5: reported_cost: 'gt' expects a number that a log can hold"),
    ],
)
def test_a_policy_names_the_line_of_a_number_that_is_none(rule: str, number: str, said: str) -> None:
    text = f"version: 1\nname: x\nrules:\n  - name: a\n    {rule % number}\n"
    with pytest.raises(ConfigMistakesError) as found:
        parse(text, "mine.yaml", price_tables.load())
    assert [str(each) for each in found.value.problems] == [said]


def test_all_else_is_checked_beside_such_a_number() -> None:
    text = f"version: 1\nname: x\nrule: []\nrules:\n  - name: a\n    {SPLIT % '.inf'}\n"
    with pytest.raises(ConfigMistakesError) as found:
        parse(text, "mine.yaml", price_tables.load())
    assert [str(each).split(": ")[0] for each in found.value.problems] == ["mine.yaml:3", "mine.yaml:6"]


@pytest.mark.parametrize(
    "text", ["input_tokens=nan", "input_tokens=1e300", "escalation_rate=0:inf:1", "input_tokens=0"]
)
def test_a_sweep_tries_no_such_number(text: str) -> None:
    with pytest.raises(UsageError, match="--sweep"):
        sweeps.parse(text)


@pytest.mark.parametrize("text", ["month=nan", "month=inf", "month=1e400", "month=-1"])
def test_no_budget_is_such_a_number(text: str) -> None:
    with pytest.raises(ConfigError, match="is no budget"):
        parse_budget(text)
