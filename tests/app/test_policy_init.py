"""A fitted policy is valid, says true figures, and is about the log's own models."""

import re
from pathlib import Path

import pytest

from costsim import prices as price_tables
from costsim.app.policies.drafted import NAME, fitted
from costsim.app.reading import Reading, calls_of
from costsim.errors import EvidenceError
from costsim.policies.columns import Columns
from costsim.policies.loading import parse
from costsim.policies.policy import Policy

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"


def fit(logs: list[Path], home: Path) -> tuple[str, Policy]:
    text = fitted([str(log) for log in logs], Reading(home=home), []).text
    return text, parse(text, "tiers.yaml", price_tables.load())


def test_the_calls_that_a_comment_counts_are_those_that_its_rule_takes(tmp_path: Path) -> None:
    text, policy = fit([SAMPLES / "support_assistant.jsonl.gz"], tmp_path)
    said = {
        name: int(count.replace(",", ""))
        for count, name in re.findall(r"of the cost, ([\d,]+) calls?.*?- name: (\S+)", text, re.DOTALL)
    }
    taken = dict.fromkeys(said, 0)
    with calls_of([], Reading(home=tmp_path)) as store:
        for calls in store.batches():
            columns, left = Columns(calls), None
            for rule in policy.rules:
                holds = rule.conditions.holds(columns)
                holds = holds if left is None else holds & left
                left = ~holds if left is None else left & ~holds
                if rule.name in taken:
                    taken[rule.name] += int(holds.sum())
    assert set(said) == {"simple", "everyday"}
    assert taken == said


def test_the_tiers_are_the_logs_own_models_and_their_cheaper_siblings(tmp_path: Path) -> None:
    text, policy = fit([SAMPLES / "support_assistant.jsonl.gz"], tmp_path)
    assert policy.name == NAME
    assert policy.tiers == {"cheap": ("gpt-5.4-mini",), "balanced": ("gpt-5.4",), "frontier": ("gpt-5.5",)}
    assert re.search(r"gpt-5.5 +# \$[\d.]+ per 1,000 typical calls; 100 % of calls, 100 % of cost", text)
    assert re.search(r"gpt-5.4 +# \$[\d.]+ per 1,000 typical calls; not in the log", text)


def table(path: Path, models: list[str], cached: int = 0, calls: int = 3) -> Path:
    """A log of some calls of each model, as a table."""
    rows = [
        f"{name}-{number},{name},1000,{cached},100,2026-12-03T0{number % 10}:00:00Z"
        for name in models
        for number in range(calls)
    ]
    path.write_text("\n".join(["call_id,model,input_tokens,cache_read_tokens,output_tokens,started_at", *rows]))
    return path


def prices_of(text: str) -> dict[str, list[float]]:
    """The prices that stand beside the models of each tier."""
    tiers = re.findall(r"^  (\w+):\n    models:\n((?:      - .*\n)+)", text, re.MULTILINE)
    return {tier: [float(price) for price in re.findall(r"# \$([\d.]+)", models)] for tier, models in tiers}


def test_a_few_calls_of_dear_old_models_make_no_other_model_cheap(tmp_path: Path) -> None:
    dear = table(tmp_path / "dear.csv", ["claude-fable-5", "gpt-5.5-cyber"], calls=4)
    usual = table(tmp_path / "usual.csv", ["claude-sonnet-4-6", "gpt-4o", "gpt-5-mini", "claude-haiku-4-5"], calls=30)
    text, policy = fit([dear, usual], tmp_path)
    assert policy.tiers["cheap"] == ("gpt-5-mini", "claude-haiku-4-5")
    assert policy.tiers["balanced"] == ("gpt-4o", "claude-sonnet-4-6")
    assert policy.tiers["frontier"] == ("claude-fable-5", "gpt-5.5-cyber")
    prices = prices_of(text)
    assert list(prices) == ["cheap", "balanced", "frontier"]
    ordered = [price for tier in prices.values() for price in tier]
    assert ordered == sorted(ordered)


OLD = {
    "anthropic": ["claude-2.1", "claude-3-haiku-20240307", "claude-3-sonnet-20240229", "claude-3-opus-20240229"],
    "openai": ["text-davinci-003", "gpt-3.5-turbo-0613", "gpt-4-32k", "o1-mini", "chatgpt-4o-latest"],
    "google": ["gemini-pro", "gemini-1.5-flash", "gemini-1.5-pro", "gemini-2.0-flash"],
    "mistral": ["open-mixtral-8x7b", "mistral-large-2411", "pixtral-12b"],
    "xai": ["grok-3", "grok-4-fast-reasoning"],
    "groq": ["llama-3.3-70b-versatile", "llama-3.1-8b-instant", "gemma2-9b-it"],
    "bedrock": ["anthropic.claude-3-haiku-20240307-v1:0", "anthropic.claude-3-7-sonnet-20250219-v1:0"],
}
"""Provider -> models that it no longer serves."""


@pytest.mark.parametrize("provider", OLD)
def test_a_draft_for_a_log_of_old_models_names_none_of_them(provider: str, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    rows = [f"{name},{provider},{name},1000,100,2026-11-20T00:00:00Z" for name in OLD[provider]]
    log.write_text("\n".join(["call_id,provider,model,input_tokens,output_tokens,started_at", *rows]))
    _, policy = fit([log], tmp_path)
    prices = price_tables.load()
    named = {prices.index_of(None, name) for models in policy.tiers.values() for name in models}
    assert -1 not in named
    assert named.isdisjoint(prices.index_of(provider, name) for name in OLD[provider])


def test_a_typical_call_reads_as_much_from_a_cache_as_those_of_the_log(tmp_path: Path) -> None:
    log = table(tmp_path / "log.csv", ["gpt-5.5"], cached=800)
    text, _ = fit([log], tmp_path)
    assert "reads 1,000 tokens (80 % from a cache) and writes 100." in text
    assert prices_of(text)["frontier"] == [pytest.approx(200 * 0.005 + 800 * 0.0005 + 100 * 0.03)]


HOUSE = """
provider: acme
models:
  - {model: acme-old, retires: 2026-12-01, prices: [{rates: {input: 0.2, output: 1}}]}
  - {model: acme-small, prices: [{rates: {input: 0.5, output: 2}}]}
  - {model: acme-large, retires: 2027-03-01, prices: [{rates: {input: 2, output: 8}}]}
"""


def test_a_model_that_retired_before_the_last_day_of_the_log_is_in_no_tier(tmp_path: Path) -> None:
    log = table(tmp_path / "log.csv", ["acme-old", "acme-small", "acme-large"])
    prices = tmp_path / "prices.yaml"
    prices.write_text(HOUSE)
    text = fitted([str(log)], Reading(home=tmp_path), [prices]).text
    named = [name for models in parse(text, "t.yaml", price_tables.load((prices,))).tiers.values() for name in models]
    assert "acme-old" not in named
    assert {"acme-small", "acme-large"} <= set(named)
    assert re.search(r"- acme-large  # .*; retires 2027-03-01$", text, re.MULTILINE)


def test_a_rule_that_moves_cached_calls_simulates_the_cache_that_they_get(tmp_path: Path) -> None:
    text, policy = fit([SAMPLES / "support_assistant.jsonl.gz"], tmp_path)
    moved = {rule.name: rule.levers.prompt_cache for rule in policy.rules}
    assert moved["everyday"] is not None
    assert moved["the-rest"] is None
    assert re.search(r"of what these calls read, \d+ % came from a cache", text)


@pytest.mark.parametrize("names", [["gpt-5.4-nano"], ["gpt-4-0613"], ["claude-opus-4-8", "gpt-5.5", "gemini-2.5-pro"]])
def test_any_mix_of_models_gives_a_valid_policy_with_three_tiers(names: list[str], tmp_path: Path) -> None:
    _, policy = fit([table(tmp_path / "log.csv", names)], tmp_path)
    assert list(policy.tiers) == ["cheap", "balanced", "frontier"]
    assert all(policy.tiers.values())
    assert not policy.warnings
    assert policy.rules[-1].route.as_logged


@pytest.mark.parametrize(
    ("model", "cached", "rules"),
    [
        ("claude-sonnet-4-6", 0, ["easy", "the-rest"]),
        ("claude-sonnet-4-6", 290, ["the-rest"]),  # $0.0004 today, and $0.0004 plus 39 % of $0.0012 in a cascade
        ("gpt-5.5", 0, ["everyday", "the-rest"]),
    ],
)
def test_easy_calls_go_to_small_models_where_no_frontier_model_is_in_use_and_no_cache_is_lost(
    model: str, cached: int, rules: list[str], tmp_path: Path
) -> None:
    log = tmp_path / "log.csv"
    rows = [f"{number},{model},300,{cached},20,chat" for number in range(4)]
    log.write_text("\n".join(["call_id,model,input_tokens,cache_read_tokens,output_tokens,task", *rows]))
    text, policy = fit([log], tmp_path)
    assert [rule.name for rule in policy.rules] == rules
    assert ("simple, and left where they are, as 97 % of what" in text) == (cached > 0)


def test_a_log_without_text_gets_no_rules_by_task_and_is_told_how_to_state_tasks(tmp_path: Path) -> None:
    text, policy = fit([table(tmp_path / "log.csv", ["gpt-5.5"])], tmp_path)
    assert [rule.name for rule in policy.rules] == ["the-rest"]
    assert "No task is known, as of a log without text: --tasks FILE or a column `task` states them." in text


def test_models_that_cost_nothing_are_not_said_to_be_cheap_ones(tmp_path: Path) -> None:
    log = table(tmp_path / "log.csv", ["openrouter/openai/gpt-oss-20b:free"])
    text, _ = fit([log], tmp_path / "home")
    assert "told cheap from dear: today they cost nothing" in text
    assert "for 3 calls that cost $0.\n" in text
    assert "cheap models of its providers already" not in text


def test_without_a_price_there_is_nothing_to_fit(tmp_path: Path) -> None:
    log = table(tmp_path / "log.csv", ["house-model-7"])
    with pytest.raises(EvidenceError, match="no chat call has a price"):
        fit([log], tmp_path)
