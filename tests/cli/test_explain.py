"""`costsim explain` as a user types it: every figure of one call, checked against the log by hand."""

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.logs import call, lines
from typer.testing import CliRunner, Result

from costsim.cli import application
from costsim.errors import UsageError

SAMPLES = Path(__file__).parents[2] / "sample_logs"
SUPPORT, DOCUMENTS, CODING = (
    SAMPLES / f"{name}.jsonl.gz" for name in ("support_assistant", "document_pipeline", "coding_agent")
)
MINE = """
provider: local
models: [{model: llama, prices: [{rates: {input: "0", output: "0"}}]}]
discount: {match: "anthropic/claude-haiku-4-5", multiply: 0.85}
alias: {my-deploy: azure/gpt-5.5}
"""
"""A user's file; the same in every test, for a table is compiled once for each."""
Run = Callable[..., Result]


@pytest.fixture
def explain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(application(), ["explain", *map(str, words)])


def as_json(result: Result) -> dict[str, Any]:
    assert result.exception is None, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def line_of(log: Path, number: int) -> dict[str, Any]:
    with gzip.open(log, "rt") as lines:
        return next(json.loads(line) for place, line in enumerate(lines, start=1) if place == number)


def test_a_call_priced_by_hand_from_the_log_costs_the_same_to_the_last_digit(explain: Run) -> None:
    response = line_of(SUPPORT, 1)["response"]
    usage = response["usage"]
    by_hand = usage["prompt_tokens"] * Decimal(5) / 10**6 + usage["completion_tokens"] * Decimal(30) / 10**6
    found = as_json(explain(response["id"], SUPPORT, "--format", "json"))
    assert Decimal(found["cost_usd"]) == by_hand == Decimal("0.000815")
    assert (found["where"], found["cost_basis"]) == (f"{SUPPORT}:1", "computed")
    assert found["parts"] == [
        {"unit": "input", "count": 37, "usd_rate": "5", "per": "1M tokens", "usd": "0.000185"},
        {"unit": "output", "count": 21, "usd_rate": "30", "per": "1M tokens", "usd": "0.00063"},
    ]


def test_a_cache_write_of_an_hour_is_billed_at_its_own_rate(explain: Run) -> None:
    found = as_json(explain(line_of(DOCUMENTS, 1)["response"]["id"], DOCUMENTS, "--format", "json"))
    assert [(part["unit"], part["count"], part["usd_rate"]) for part in found["parts"]] == [
        ("input", 62, "3"),
        ("cache_write_1h", 10_889, "6"),
        ("output", 46, "15"),
    ]
    assert Decimal(found["cost_usd"]) == Decimal("0.06621")


def test_the_parts_add_up_to_the_cost_and_each_is_count_times_rate(explain: Run, tmp_path: Path) -> None:
    call = {"model": "gpt-4o-audio-preview", "provider": "openai", "timestamp": "2026-10-01T00:00:00Z"}
    counts = {"input_tokens": 9_000, "cache_read_tokens": 128, "output_tokens": 700, "reasoning_tokens": 50}
    audio = {"audio_input_tokens": 333, "audio_output_tokens": 77}
    found = of_one(explain, tmp_path, call | counts | audio)
    assert found["computed_cost_usd"] is not None, found["reason"]
    assert sum(Decimal(part["usd"]) for part in found["parts"]) == Decimal(found["computed_cost_usd"])
    for part in found["parts"]:
        assert part["count"] * Decimal(part["usd_rate"]) / 10**6 == Decimal(part["usd"])
    assert sum(part["count"] for part in found["parts"]) == counts["input_tokens"] + counts["output_tokens"]


def test_the_cost_that_the_log_reports_stands_beside_the_computed_one(explain: Run) -> None:
    shown = explain(line_of(CODING, 2)["id"], CODING).stdout
    assert "the log reports 0.00112, the same" in shown


def test_the_sum_is_shown_on_one_decimal_point(explain: Run) -> None:
    lines = explain(line_of(SUPPORT, 1)["response"]["id"], SUPPORT).stdout.splitlines()
    first = lines.index("Cost in USD: 0.000815 (computed, tokens logged)") + 1
    assert lines[first : first + 3] == [
        "  input   37  x   5.00  per 1M tokens  =  0.000185",
        "  output  21  x  30.00  per 1M tokens  =  0.000630",
        "  total                                =  0.000815",
    ]


def test_named_logs_are_read_again_for_the_signals_that_add_up_to_the_task(explain: Run) -> None:
    found = as_json(explain(line_of(SUPPORT, 1)["response"]["id"], SUPPORT, "--format", "json"))
    assert (found["task"], found["signals"][0]["signal"]) == ("question_answering", "question_words")
    points = {
        task: sum(one["weight"] for one in found["signals"] if one["task"] == task) for task in ("math", found["task"])
    }
    assert points[found["task"]] > points["math"]


def test_without_logs_the_last_run_is_asked_and_no_text_is_read(explain: Run) -> None:
    call = line_of(SUPPORT, 1)["response"]["id"]
    before = as_json(explain(call, SUPPORT, "--format", "json"))
    after = as_json(explain(call[:17], "--format", "json"))
    assert (before | {"signals": None}) == after


def test_an_id_that_begins_several_or_none_is_told_with_the_nearest(explain: Run) -> None:
    call = line_of(SUPPORT, 1)["response"]["id"]
    assert "calls have ids that begin so" in ended(explain("chatcmpl-F", SUPPORT))
    assert f"did you mean {call}?" in ended(explain(call[:-1] + "_"))
    assert "no such call among" in ended(explain("nothing-like-it"))


def test_without_any_run_before_it_says_what_to_type(explain: Run) -> None:
    assert "none were read here before" in ended(explain("x"))


def test_a_call_without_a_price_says_why_and_what_to_do(explain: Run, tmp_path: Path) -> None:
    found = of_one(explain, tmp_path, {"model": "no-such", "provider": "azure", "input_tokens": 5, "output_tokens": 1})
    assert (found["cost_usd"], found["cost_basis"], found["model"], found["parts"]) == (None, "unpriced", None, [])
    assert "map it, `alias: {NAME: azure/MODEL}`" in found["reason"]


def test_a_tier_without_a_price_is_named_with_those_that_have_one(explain: Run, tmp_path: Path) -> None:
    call = {"model": "claude-sonnet-4-5", "provider": "anthropic", "service_tier": "flex", "input_tokens": 5}
    assert "the log says 'flex', the model is sold as standard, batch" in of_one(explain, tmp_path, call)["reason"]


def test_what_was_used_without_a_rate_is_named(explain: Run, tmp_path: Path) -> None:
    call = {
        "model": "gpt-4o-audio-preview",
        "provider": "openai",
        "input_tokens": 5,
        "output_tokens": 1,
        "web_searches": 3,
    }
    assert of_one(explain, tmp_path, call)["reason"] == "no rate for something that was used: 3 web_search"


def test_searches_are_billed_by_the_thousand(explain: Run, tmp_path: Path) -> None:
    call = {"model": "gpt-5.5", "provider": "openai", "input_tokens": 0, "output_tokens": 0, "web_searches": 3}
    (part,) = of_one(explain, tmp_path, call)["parts"]
    assert part == {"unit": "web_search", "count": 3, "usd_rate": "10", "per": "1,000 searches", "usd": "0.03"}


def test_a_user_price_at_nothing_is_a_price_and_shows_what_was_used(explain: Run, tmp_path: Path) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text(MINE)
    call = {"model": "llama", "provider": "local", "input_tokens": 500, "output_tokens": 20}
    found = of_one(explain, tmp_path, call, "--prices", own)
    assert (found["cost_usd"], found["cost_basis"]) == ("0", "computed")
    assert [part["count"] for part in found["parts"]] == [500, 20]
    assert found["origin"]["file"] == str(own)


def test_another_day_has_another_price(explain: Run, tmp_path: Path) -> None:
    call = {
        "model": "o3",
        "provider": "openai",
        "timestamp": "2025-06-01",
        "input_tokens": 10_000,
        "output_tokens": 1000,
    }
    assert of_one(explain, tmp_path, call)["cost_usd"] == "0.14"
    assert of_one(explain, tmp_path, call, "--as-of", "2025-07-01")["cost_usd"] == "0.028"


def test_the_help_has_an_example(explain: Run) -> None:
    assert "Example: costsim explain" in explain("--help").stdout


def of_one(explain: Run, folder: Path, call: dict[str, Any], *options: object) -> dict[str, Any]:
    """The explanation of the only call of a log."""
    log = folder / "one.jsonl"
    log.write_text(json.dumps({"id": "only"} | call) + "\n")
    return as_json(explain("only", log, "--format", "json", *options))


def ended(result: Result) -> str:
    assert isinstance(result.exception, UsageError), result.output
    return str(result.exception)


def test_an_unsure_call_whose_like_voted_says_so_before_its_own_signals(explain: Run, tmp_path: Path) -> None:
    def asked(number: int, text: str) -> dict[str, Any]:
        made = call(number)
        made["request"]["messages"][1]["content"] = text
        made["response"]["usage"]["completion_tokens"] = 60
        return made

    log = tmp_path / "log.jsonl"
    texts = [*(f"Translate to German: {number} trees" for number in range(30)), "The box was open."]
    log.write_bytes(lines(*map(asked, range(31), texts)))
    found = as_json(explain("chatcmpl-30", log, "--format", "json"))
    assert found["task"] == found["signals"][0]["task"] == "translation"
    assert found["signals"][0]["where"] == "votes"
    assert len(found["signals"]) > 1
    assert "voted  for  translation" in explain("chatcmpl-30", log).stdout
