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
    assert re.search(r"gpt-5.5 +# \$[\d.]+ per 1,000 typical calls; 100 % today", text)
    assert re.search(r"gpt-5.4 +# \$[\d.]+ per 1,000 typical calls; not in the log", text)


def table(path: Path, models: list[str]) -> Path:
    """A log of three calls of each model, as a table."""
    rows = [f"{name}-{number},{name},1000,100" for name in models for number in range(3)]
    path.write_text("\n".join(["call_id,model,input_tokens,output_tokens", *rows]))
    return path


@pytest.mark.parametrize("names", [["gpt-5.4-nano"], ["gpt-4-0613"], ["claude-opus-4-8", "gpt-5.5", "gemini-2.5-pro"]])
def test_any_mix_of_models_gives_a_valid_policy_with_three_tiers(names: list[str], tmp_path: Path) -> None:
    _, policy = fit([table(tmp_path / "log.csv", names)], tmp_path)
    assert list(policy.tiers) == ["cheap", "balanced", "frontier"]
    assert all(policy.tiers.values())
    assert not policy.warnings
    assert policy.rules[-1].route.as_logged


def test_without_a_price_there_is_nothing_to_fit(tmp_path: Path) -> None:
    log = table(tmp_path / "log.csv", ["house-model-7"])
    with pytest.raises(EvidenceError, match="no chat call has a price"):
        fit([log], tmp_path)
