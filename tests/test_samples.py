"""The sample logs: what an audit says of them against what their generator knows to be true."""

import gzip
import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sample_logs import generate

from costsim.app.reading import Reading, calls_of
from costsim.ingest.kept.store import Store
from costsim.prices import load
from costsim.summary.audit import audit
from costsim.summary.question import Question, groupings
from costsim.summary.report import Finding, Group, Report

SAMPLES = Path(__file__).resolve().parents[1] / "sample_logs"
FACTS: dict[str, Any] = json.loads((SAMPLES / "facts.json").read_text())
STORIES = ("support_assistant", "document_pipeline", "coding_agent")
TOKENS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
DATED = {"claude-sonnet-4-5": "claude-sonnet-4-5-20250929", "claude-haiku-4-5": "claude-haiku-4-5-20251001"}
"""What a model is asked for by, and what answers; the support log's `gpt-5.5` likewise."""


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Store]:
    """The calls of each sample, with the tasks that the generator meant: no finding hangs on a guess."""
    return {name: _read(name, tmp_path_factory.mktemp(name)) for name in STORIES}


def _read(name: str, home: Path) -> Store:
    tasks = home / "tasks.yaml"
    meant = "".join(f'  "{route}": {task}\n' for route, task in FACTS[name]["task_of_route"].items())
    tasks.write_text(f"routes:\n{meant}")
    return calls_of([str(SAMPLES / f"{name}.jsonl.gz")], Reading(tasks=tasks, home=home, workers=1))


@pytest.fixture(scope="module")
def reports(stores: dict[str, Store]) -> dict[str, Report]:
    question = Question(groupings(["task", "model", "route"]))
    return {name: audit(store, load(), question, 1) for name, store in stores.items()}


@pytest.mark.parametrize("name", STORIES)
def test_the_lines_of_a_sample_are_all_accounted_for(reports: dict[str, Report], name: str) -> None:
    seen, facts = reports[name].coverage, FACTS[name]
    found = {kind: getattr(seen, kind) for kind in ("lines", "calls", "duplicates", "rejected", "not_calls")}
    assert found == {kind: facts[kind] for kind in found}
    assert reports[name].observed.errors == facts["errors"]


@pytest.mark.parametrize("name", STORIES)
def test_the_totals_of_a_sample_agree_to_the_last_digit(reports: dict[str, Report], name: str) -> None:
    assert _sums(reports[name].totals) == _truth(FACTS[name]["totals"])


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("by", ["route", "task"])
def test_the_groups_of_a_sample_agree_to_the_last_digit(reports: dict[str, Report], name: str, by: str) -> None:
    found = {row.key: _sums(row) for row in reports[name].groups[by]}
    assert found == {key: _truth(truth) for key, truth in FACTS[name][f"by_{by}"].items()}


@pytest.mark.parametrize("name", STORIES)
def test_what_each_model_of_a_sample_cost_agrees_to_the_last_digit(reports: dict[str, Report], name: str) -> None:
    """A refused request bears the name that was asked for, an answer the dated one: they are one model."""
    found: dict[str, dict[str, Any]] = {}
    for row in reports[name].groups["model"]:
        asked = next((asked for asked in FACTS[name]["by_model"] if _same_model(str(row.key), asked)), str(row.key))
        sums = _sums(row)
        known = found.setdefault(asked, dict.fromkeys(sums, 0))
        found[asked] = {key: known[key] + sums[key] for key in sums}
    assert found == {key: _truth(truth) for key, truth in FACTS[name]["by_model"].items()}


def _same_model(found: str, asked: str) -> bool:
    return found == asked or found == DATED.get(asked) or found == f"{asked}-2026-04-23"


def _sums(row: Group) -> dict[str, Any]:
    unpriced = {"unpriced_calls": row.calls - row.priced}
    return {name: getattr(row, name) for name in ("calls", *TOKENS)} | unpriced | {"cost": Decimal(row.cost_usd)}


def _truth(sums: dict[str, Any]) -> dict[str, Any]:
    counts = {name: sums[name] for name in ("calls", *TOKENS, "unpriced_calls")}
    return counts | {"cost": Decimal(sums["list_cost_usd"] or 0)}


def test_the_reported_cost_of_the_coding_agent_differs_by_the_discount_and_nothing_else(
    reports: dict[str, Report],
) -> None:
    found = reports["coding_agent"].comparison
    assert found is not None
    (difference,) = found.differences
    assert difference.reason == "reported at 95 % of list price"
    assert found.calls == found.equal + difference.calls == FACTS["coding_agent"]["totals"]["calls"] - 120
    assert Decimal(found.reported_usd) == pytest.approx(
        Decimal(FACTS["coding_agent"]["reported_cost_usd"]), abs=Decimal("1e-9")
    )


def _found(report: Report, kind: str, about: str = "") -> list[Finding]:
    return [each for each in report.findings if each.id == kind and about in each.title]


def _one(report: Report, kind: str, about: str = "") -> Finding:
    (finding,) = _found(report, kind, about)
    return finding


def _calls(findings: list[Finding]) -> int:
    return sum(each.calls for each in findings)


def _spend(findings: list[Finding]) -> Decimal:
    return sum((Decimal(each.spend_usd) for each in findings), Decimal())


def _saving(findings: list[Finding]) -> float:
    return float(sum(Decimal(each.could_save_usd or 0) for each in findings))


def _hidden(name: str, what: str) -> tuple[int, Decimal]:
    truth = FACTS[name]["hidden"][what]
    return truth["calls"], Decimal(truth["list_cost_usd"] or 0)


class TestSupportAssistant:
    """Everything goes to a frontier model."""

    @pytest.fixture
    def report(self, reports: dict[str, Report]) -> Report:
        return reports["support_assistant"]

    def test_simple_work_on_the_frontier_model(self, report: Report) -> None:
        """Translations are found too, beside what the story hides: they are as simple."""
        labels, fields = (
            _one(report, "frontier-for-simple", "classification"),
            _one(report, "frontier-for-simple", "extraction"),
        )
        assert (_calls([labels, fields]), _spend([labels, fields])) == _hidden(
            "support_assistant", "frontier-for-simple"
        )
        assert _saving([labels, fields]) == pytest.approx(4.353555 * 0.85)

    def test_a_long_prefix_that_is_never_cached(self, report: Report) -> None:
        """Nearly all of it is too far apart for a cache of five minutes: it saves little, and the title says why."""
        found = _one(report, "uncached-prefix", "help-center-answer")
        assert (found.calls, Decimal(found.spend_usd)) == _hidden("support_assistant", "uncached-prefix")
        assert 0.2 < _saving([found]) < 0.6
        assert "some 4,000 tokens" in found.title

    def test_a_system_prompt_that_grows(self, report: Report) -> None:
        """Not the calls of the first five days, whose prompt is the short one."""
        found = _one(report, "growing-system-prompts")
        assert 600 < found.calls < _hidden("support_assistant", "growing-system-prompt")[0]
        assert "from some 190 to 1,180" in found.title or "from some 200 to 1,200" in found.title
        assert 0.8 < _saving([found]) < 1.6

    def test_conversations_that_grow(self, report: Report) -> None:
        """Only the calls beyond the fourth that send a quarter more; most chats are short, so it saves little."""
        found = _one(report, "growing-conversations", "live-chat")
        assert 80 < found.calls < _hidden("support_assistant", "growing-conversation")[0]

    def test_a_monitor_that_asks_the_same_all_month(self, report: Report) -> None:
        """The first of its three questions was nobody's repeat."""
        calls, spend = _hidden("support_assistant", "monitor-probe")
        found = _one(report, "identical-requests", "faq-probe")
        assert found.calls == calls - 3
        assert _saving([found]) == pytest.approx(float(spend), rel=0.01)

    def test_a_button_that_asks_again(self, report: Report) -> None:
        found = _one(report, "identical-requests", "reply-draft")
        assert (found.calls, Decimal(found.could_save_usd or 0)) == _hidden("support_assistant", "retry-button")

    def test_answers_that_nothing_limits(self, report: Report) -> None:
        found = _one(report, "unbounded-answers", "reply-draft")
        assert (found.calls, Decimal(found.spend_usd)) == _hidden("support_assistant", "unlimited-answer")
        assert _saving([found]) == pytest.approx(2.2, abs=0.1)

    def test_retries_are_seen_and_cost_nothing(self, report: Report) -> None:
        calls, _ = _hidden("support_assistant", "failed-then-retried")
        assert (report.observed.errors, report.observed.retries) == (calls, calls)
        assert not _found(report, "billed-failures")


class TestDocumentPipeline:
    """Long documents, at night."""

    @pytest.fixture
    def report(self, reports: dict[str, Report]) -> Report:
        return reports["document_pipeline"]

    def test_work_that_could_be_batched(self, report: Report) -> None:
        """All of it but `language-check`, which is worth three cents; and not the morning's one e-mail."""
        found = _found(report, "batchable")
        calls, spend = _hidden("document_pipeline", "batchable")
        listed = {each.title.split("`")[1] for each in found}
        routes = FACTS["document_pipeline"]["by_route"]
        assert routes.keys() - listed == {"language-check", "morning-digest", "document-type"}
        assert _calls(found) == calls - 640 - 260
        assert _spend(found) == spend - Decimal(routes["language-check"]["list_cost_usd"]) - Decimal("0.400008")
        assert _saving(found) == pytest.approx(float(_spend(found)) / 2)

    def test_reports_above_the_cliff_of_a_cheap_model(self, report: Report) -> None:
        """Below it, every token costs a fifth."""
        found = _one(report, "above-a-cliff")
        assert (found.calls, Decimal(found.spend_usd)) == _hidden("document_pipeline", "long-context")
        assert _saving([found]) == pytest.approx(float(found.spend_usd) * 0.8)

    def test_a_cache_that_is_written_and_never_read(self, report: Report) -> None:
        """Writing for an hour costs twice the input price; without it, each token would cost 3 USD a million less."""
        found = _one(report, "cache-written-never-read")
        assert (found.calls, Decimal(found.spend_usd)) == _hidden("document_pipeline", "cache-written-never-read")
        assert Decimal(found.could_save_usd or 0) == Decimal(2_447_618) * 3 / 10**6

    def test_summaries_that_were_cut_off_and_asked_for_again(self, report: Report) -> None:
        """Found as the second request, which repeats the first word for word; one would have been enough."""
        calls, spend = _hidden("document_pipeline", "cut-off-then-repeated")
        found = _one(report, "identical-requests", "contract-summary")
        assert found.calls == calls
        assert _saving([found]) == pytest.approx(float(spend), rel=0.01)

    def test_labels_from_a_strong_model(self, report: Report) -> None:
        found = _one(report, "frontier-for-simple", "classification")
        assert (found.calls, Decimal(found.spend_usd)) == _hidden("document_pipeline", "frontier-for-simple")

    def test_nothing_is_found_where_nothing_is_hidden(self, report: Report) -> None:
        """Caches that pay, and a small model already."""
        caches = [each for each in report.findings if "cache" in each.id]
        assert {each.title.split("`")[1] for each in caches} == {"table-extraction"}
        assert not any("language-check" in each.title for each in report.findings)
        assert not _found(report, "growing-system-prompts")
        assert not _found(report, "uncached-prefix")


class TestCodingAgent:
    """Many turns behind a proxy."""

    @pytest.fixture
    def report(self, reports: dict[str, Report]) -> Report:
        return reports["coding_agent"]

    def test_caches_lost_at_a_switch_of_model_or_in_a_pause(self, report: Report) -> None:
        found = _found(report, "cache-lost")
        switched, expired = _hidden("coding_agent", "cache-lost-at-switch"), _hidden("coding_agent", "cache-expired")
        assert (_calls(found), _spend(found)) == (switched[0] + expired[0], switched[1] + expired[1])
        assert 10 < _saving(found) < 12

    def test_fallbacks_to_a_frontier_model(self, report: Report) -> None:
        found = _one(report, "fallbacks")
        calls, spend = _hidden("coding_agent", "fallback-to-frontier")
        assert (found.calls, Decimal(found.spend_usd)) == (calls, spend)
        assert report.observed.fallbacks == report.observed.escalations == calls

    def test_sessions_above_the_long_context_limit(self, report: Report) -> None:
        found = _one(report, "above-a-cliff")
        assert (found.calls, Decimal(found.spend_usd)) == _hidden("coding_agent", "long-context")

    def test_labels_from_the_dearest_model(self, report: Report) -> None:
        found = _one(report, "frontier-for-simple", "classification")
        assert (found.calls, Decimal(found.spend_usd)) == _hidden("coding_agent", "frontier-for-simple")

    def test_failures_and_retries_are_counted(self, report: Report) -> None:
        assert report.observed.errors == _hidden("coding_agent", "failed-attempt")[0]
        assert not _found(report, "billed-failures")

    def test_a_model_without_a_price_is_named_and_not_zero(self, report: Report) -> None:
        (model,) = report.coverage.unpriced_models
        calls, _ = _hidden("coding_agent", "no-known-price")
        truth = FACTS["coding_agent"]["hidden"]["no-known-price"]
        assert (model.model, model.calls) == ("acme-coder-32b", calls)
        assert (model.input_tokens, model.output_tokens) == (truth["input_tokens"], truth["output_tokens"])
        assert _one(report, "unpriced-models").could_save_usd is None

    def test_answers_of_the_proxys_own_cache_cost_nothing(self, report: Report) -> None:
        """So neither are they identical requests that cost something."""
        calls, _ = _hidden("coding_agent", "answered-by-proxy-cache")
        failed, _ = _hidden("coding_agent", "failed-attempt")
        assert any(each.startswith(f"{calls + failed} calls that") for each in report.assumptions)
        assert not _found(report, "identical-requests")


@pytest.mark.parametrize("name", STORIES)
def test_all_savings_together_are_less_than_their_sum_and_than_the_cost(reports: dict[str, Report], name: str) -> None:
    report = reports[name]
    most = Decimal(report.findings_together_usd)
    assert 0 < most < Decimal(report.totals.cost_usd)
    assert float(most) <= _saving(report.findings) + 0.5  # with what was too small to be listed


@cache
def _lines(name: str) -> list[str]:
    return list(generate.STORIES[name](Random(f"{generate.SEED}-{name}")).lines)


@pytest.mark.parametrize("name", STORIES)
def test_the_generator_writes_the_sample_logs_anew_line_by_line(name: str) -> None:
    with gzip.open(SAMPLES / f"{name}.jsonl.gz", "rt", encoding="utf-8") as packed:
        kept: Iterator[str] = (line.rstrip("\n") for line in packed)
        assert all(line == again for line, again in zip(kept, _lines(name), strict=True))
