"""Examples whose result can be worked out by hand: small logs, prices and policies under sample_logs/examples."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from costsim.app import audit as audit_case
from costsim.app.asked import Asked
from costsim.app.reading import Reading
from costsim.app.simulate import Wanted, simulate
from costsim.summary.simulation.report import PolicyLine, SimulationReport

EXAMPLES = Path(__file__).parents[1] / "sample_logs" / "examples"


def replayed(name: str, home: Path, policy: Path | None = None, sweep: Sequence[str] = ()) -> SimulationReport:
    folder = EXAMPLES / name
    prices = [path for path in [folder / "prices.yaml"] if path.exists()]
    reading = Reading(home=home, workers=1)
    wanted = Wanted([policy or folder / "policy.yaml"], controls=False, sweep=sweep)
    return simulate([str(path) for path in folder.glob("log.*")], reading, Asked(prices=prices), wanted).report


def only(report: SimulationReport) -> PolicyLine:
    (policy,) = report.policies
    return policy


def test_sixty_thirty_ten_percent_to_cheaper_models_make_3000_dollars_a_day_660(tmp_path: Path) -> None:
    """The log is one request in a thousand of 100,000 a day, for 30 days: $90,000 to $19,800."""
    report = replayed("1-three-tiers", tmp_path)
    assert (report.baseline.calls, report.baseline.cost_usd) == (3000, "90")
    assert Decimal(only(report).cost_usd) == Decimal("19.8")
    assert only(report).savings_pct == 78.0
    assert Decimal(only(report).cost_usd) * 1000 / 30 == 660


def test_two_thirds_to_a_model_at_a_tenth_save_60_percent(tmp_path: Path) -> None:
    """A tenth of 10,000 requests that cost $300."""
    report = replayed("2-the-mix", tmp_path)
    assert Decimal(report.baseline.cost_usd) == 30
    assert Decimal(only(report).cost_usd).quantize(Decimal("1e-6")) == 12


def test_a_reusable_prompt_of_4000_tokens_saves_108_dollars_a_day_on_reads_less_one_write(tmp_path: Path) -> None:
    """A tenth of 10,000 calls a day: 999 read 4,000 tokens at $0.30 instead of $3, the first writes them at $3.75."""
    report = replayed("3-a-reusable-prompt", tmp_path)
    saved = Decimal(only(report).savings_usd)
    tokens = Decimal(3950), Decimal(4050)
    least, most = ((999 * each * Decimal("2.7") - each * Decimal("0.75")) / 10**6 for each in tokens)
    assert least < saved < most
    assert Decimal(105) < saved * 10 < Decimal(110)


def test_batch_and_cache_stack_only_where_the_price_table_says_so(tmp_path: Path) -> None:
    """Of 1,000 input tokens 800 are cached: $0.0048 as logged; in a batch $0.0024, or $0.0028 with the usual cache."""
    report = replayed("4-batch-and-cache", tmp_path)
    assert Decimal(report.baseline.cost_usd) == Decimal("0.096")
    assert Decimal(only(report).cost_usd) == Decimal("0.024") + Decimal("0.028")


def test_a_cascade_breaks_even_at_the_rate_that_its_prices_give(tmp_path: Path) -> None:
    report = replayed("5-a-cascade", tmp_path, sweep=["escalation_rate=0.635,0.63,0.64"])
    assert only(report).routes[0].break_even_escalation_rate == pytest.approx(0.635)
    even, below, above = (Decimal(point.savings_usd) for point in report.sweep)
    assert even == 0
    assert above < 0 < below


def test_budgets_of_plans_are_spent_month_by_month_and_then_go_to_the_cheaper_model(tmp_path: Path) -> None:
    """Calls of 10,000 tokens: free users have five a month at $1 per million, the rest at $0.10; pro ones a hundred."""
    routes = {route.route: Decimal(route.cost_usd) for route in only(replayed("6-plans", tmp_path)).routes}
    assert routes["free"] == 2 * (5 * Decimal("0.01") + 5 * Decimal("0.001"))
    assert routes["pro"] == 2 * (100 * Decimal("0.05") + 50 * Decimal("0.01"))
    assert routes["enterprise"] == 2 * 150 * Decimal("0.1")


@pytest.mark.parametrize("policy", ["policy", "never"])
def test_a_policy_that_changes_nothing_costs_what_audit_says_to_the_last_digit(policy: str, tmp_path: Path) -> None:
    folder = EXAMPLES / "7-as-logged"
    logs = [str(path) for path in (*EXAMPLES.parent.glob("*.jsonl.gz"), folder / "log.csv.gz")]
    reading = Reading(home=tmp_path, workers=1)
    audited = audit_case.audit(logs, reading, Asked()).report.totals.cost_usd
    report = simulate([], reading, Asked(), Wanted([folder / f"{policy}.yaml"], controls=False)).report
    assert only(report).cost_usd == report.baseline.cost_usd == audited
    assert Decimal(only(report).savings_usd) == 0
