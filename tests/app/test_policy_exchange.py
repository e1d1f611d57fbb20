"""Other programs' configurations become policies that mean the same, and what does not fit is always told."""

import json
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costsim import prices as price_tables
from costsim.app.policies.exchange import exported, imported
from costsim.errors import ConfigError, UsageError
from costsim.policies.document import Document
from costsim.policies.loading import read

LITELLM: dict[str, Any] = {
    "model_list": [
        {"model_name": "smart", "litellm_params": {"model": "azure/gpt-5.4", "weight": 3}},
        {"model_name": "smart", "litellm_params": {"model": "anthropic/claude-sonnet-4-6", "weight": 1}},
        {"model_name": "cheap", "litellm_params": {"model": "openai/gpt-5.4-mini"}},
        {"model_name": "google", "litellm_params": {"model": "gemini/gemini-2.5-flash"}},
    ],
    "router_settings": {
        "routing_strategy": "simple-shuffle",
        "default_fallbacks": ["cheap"],
        "num_retries": 2,
        "model_group_alias": {"gpt-4": "smart"},
    },
    "litellm_settings": {"cache": True, "cache_params": {"ttl": 600}},
}
PORTKEY: dict[str, Any] = {
    "strategy": {"mode": "fallback", "on_status_codes": [429]},
    "targets": [
        {
            "strategy": {
                "mode": "conditional",
                "conditions": [
                    {"query": {"metadata.plan": {"$eq": "free"}}, "then": "small"},
                    {
                        "query": {
                            "$and": [{"metadata.plan": {"$nin": ["a", "b"]}}, {"params.max_tokens": {"$gt": 99}}]
                        },
                        "then": "mix",
                    },
                ],
                "default": "big",
            },
            "targets": [
                {"name": "small", "provider": "openai", "override_params": {"model": "gpt-5.4-mini"}},
                {
                    "name": "mix",
                    "strategy": {"mode": "loadbalance"},
                    "targets": [
                        {"provider": "azure-openai", "override_params": {"model": "gpt-5.4"}, "weight": 0.7},
                        {"provider": "x-ai", "override_params": {"model": "grok-4.3"}, "weight": 0.3},
                    ],
                },
                {"name": "big", "provider": "anthropic", "override_params": {"model": "claude-opus-4-8"}},
            ],
        },
        {"provider": "openai", "override_params": {"model": "gpt-5.5"}},
    ],
    "retry": {"attempts": 3, "on_status_codes": [429]},
    "cache": {"mode": "simple", "max_age": 60},
}
OPENROUTER: dict[str, Any] = {
    "model": "openai/gpt-5.4",
    "models": ["anthropic/claude-sonnet-4.6", "google/gemini-2.5-pro"],
}

RULES: dict[str, dict[str, Any]] = {
    "litellm": {
        "smart": {"split": [{"model": "azure/gpt-5.4", "weight": 3}, {"model": "claude-sonnet-4-6", "weight": 1}]},
        "cheap": {"model": "gpt-5.4-mini"},
        "google": {"model": "gemini-2.5-flash"},
    },
    "portkey": {
        "small": {"model": "gpt-5.4-mini"},
        "mix": {"split": [{"model": "azure/gpt-5.4", "weight": 0.7}, {"model": "grok-4.3", "weight": 0.3}]},
        "big": {"model": "claude-opus-4-8"},
    },
    "openrouter": {"all-calls": {"model": "openrouter/openai/gpt-5.4"}},
}
CONFIGURATIONS = {"litellm": LITELLM, "portkey": PORTKEY, "openrouter": OPENROUTER}


def document(text: str) -> Document:
    return read(text, "policy.yaml", price_tables.load())


def taken(program: str, config: Any, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """The policy of a configuration as plain values, and the notes."""
    file = folder / "theirs.json"
    file.write_text(json.dumps(config))
    done = imported(program, file, [])
    document(done.text)
    return yaml.safe_load(done.text.replace("'on'", "on_")), list(done.notes)


@pytest.mark.parametrize("program", CONFIGURATIONS)
def test_a_configuration_is_the_policy_that_it_means_with_nothing_to_tell(program: str, tmp_path: Path) -> None:
    policy, notes = taken(program, CONFIGURATIONS[program], tmp_path)
    assert {rule["name"]: rule["route"] for rule in policy["rules"]} == RULES[program]
    assert notes == []


def test_what_decides_beside_the_routes_comes_along(tmp_path: Path) -> None:
    litellm, _ = taken("litellm", LITELLM, tmp_path)
    assert litellm["rules"][0]["when"] == {"requested_model": {"in": ["smart", "gpt-4"]}}
    assert litellm["fallback"] == {"retries": 2, "then": ["gpt-5.4-mini"]}
    assert litellm["levers"] == {"response_cache": {"ttl": "600s"}}
    portkey, _ = taken("portkey", PORTKEY, tmp_path)
    assert [rule.get("when") for rule in portkey["rules"]] == [
        {"tags.plan": {"is": "free"}},
        {"tags.plan": {"not": ["a", "b"]}, "max_output_tokens": {"gt": 99}},
        None,
    ]
    assert portkey["fallback"] == {"on_": ["rate_limit"], "retries": 3, "then": ["gpt-5.5"]}
    openrouter, _ = taken("openrouter", OPENROUTER, tmp_path)
    assert openrouter["fallback"] == {
        "then": ["openrouter/anthropic/claude-sonnet-4.6", "openrouter/google/gemini-2.5-pro"]
    }


@pytest.mark.parametrize("program", CONFIGURATIONS)
def test_there_and_back_is_the_same_policy(program: str, tmp_path: Path) -> None:
    file, policy, back = tmp_path / "theirs.json", tmp_path / "policy.yaml", tmp_path / "back"
    file.write_text(json.dumps(CONFIGURATIONS[program]))
    policy.write_text(imported(program, file, []).text)
    written = exported(program, policy, [])
    assert not written.notes
    back.write_text(written.text)
    again = imported(program, back, [])
    assert not again.notes
    assert document(again.text) == document(policy.read_text())


def changed(config: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**json.loads(json.dumps(config)), **more}


TOLD = [
    ("litellm", changed(LITELLM, general_settings={"master_key": "k"}), "general_settings"),
    ("litellm", changed(LITELLM, router_settings={"cooldown_time": 3}), "router_settings.cooldown_time"),
    ("litellm", changed(LITELLM, router_settings={"routing_strategy": "least-busy"}), "routing_strategy 'least-busy'"),
    ("litellm", changed(LITELLM, router_settings={"fallbacks": [{"smart": ["cheap"]}, {"cheap": ["google"]}]}),
     "fallbacks of 'cheap' (google): a policy has one fallback for all rules"),
    ("litellm", changed(LITELLM, router_settings={"context_window_fallbacks": [{"smart": ["house"]}]}),
     "context_window_fallbacks of 'smart'"),
    ("litellm", changed(LITELLM, model_list=[
        {"model_name": "a", "litellm_params": {"model": "gpt-5.4", "rpm": 9, "api_key": "k", "timeout": 3}},
        {"model_name": "b", "litellm_params": {"model": "ollama/house-7b"}},
        {"model_name": "c/*", "litellm_params": {"model": "c/*"}}]),
     ("litellm_params.rpm of 'a', but as a weight", "keys and addresses", "litellm_params.timeout of 'a'",
      "'ollama/house-7b' of 'b' is not in the price table", "'c/*' stands for many models")),
    ("portkey", changed(PORTKEY, request_timeout=9), "request_timeout of the configuration"),
    ("portkey", changed(PORTKEY, cache={"mode": "semantic"}), "cache: a semantic cache"),
    ("portkey", changed(PORTKEY, targets=[{"provider": "x", "override_params": {"model": "house", "top_k": 1}}]),
     ("model 'house' is not in the price table", "override_params.top_k")),
    ("portkey", {"strategy": {"mode": "conditional", "conditions": [{"query": {"url.path": "x"}, "then": "a"}]},
                 "targets": [{"name": "a", "provider": "openai", "override_params": {"model": "gpt-5.4"}}]},
     "the query for 'a'"),
    ("openrouter", changed(OPENROUTER, transforms=["middle-out"]), "transforms"),
    ("openrouter", changed(OPENROUTER, provider={"sort": "throughput", "data_collection": "deny"}),
     ("provider.sort: 'throughput'", "provider.data_collection")),
    ("openrouter", changed(OPENROUTER, provider={"max_price": {"prompt": 2.6, "image": 1}}),
     ("openrouter/anthropic/claude-sonnet-4.6 is left out: it is dearer than provider.max_price.prompt",
      "provider.max_price.image")),
    ("openrouter", changed(OPENROUTER, models=["house/model"]), "model 'house/model' is not in the price table"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "config", "said"), TOLD)
def test_what_cannot_be_carried_over_is_told(
    program: str, config: Any, said: str | tuple[str, ...], tmp_path: Path
) -> None:
    policy, notes = taken(program, config, tmp_path)
    for each in (said,) if isinstance(said, str) else said:
        assert any(each in note for note in notes), notes
    assert policy["version"] == 1


def test_newer_and_older_ways_to_say_the_same_are_read(tmp_path: Path) -> None:
    beside = [
        {"model_name": "a", "litellm_params": {"model": "gpt-5.4"}, "rpm": 30},
        {"model_name": "a", "litellm_params": {"model": "gpt-5.5"}, "rpm": 10, "tpm": 1},
    ]
    litellm, _ = taken("litellm", {"model_list": beside}, tmp_path)
    assert litellm["rules"][0]["route"] == {
        "split": [{"model": "gpt-5.4", "weight": 30}, {"model": "gpt-5.5", "weight": 10}]
    }
    portkey, _ = taken("portkey", {"override_params": {"model": "@openai-prod/gpt-5.4"}}, tmp_path)
    assert portkey["rules"][0]["route"] == {"model": "gpt-5.4"}
    wishes = {"only": ["openai", "azure"], "sort": {"by": "price"}}
    openrouter, _ = taken("openrouter", {"model": "openai/gpt-5.4", "provider": wishes}, tmp_path)
    assert openrouter["rules"][0]["route"] == {"cheapest": ["gpt-5.4", "azure/gpt-5.4"]}


def test_calls_too_long_for_a_group_have_a_rule_of_their_own(tmp_path: Path) -> None:
    settings = {"context_window_fallbacks": [{"cheap": ["google"]}]}
    policy, _ = taken("litellm", changed(LITELLM, router_settings=settings), tmp_path)
    assert policy["rules"][0] == {
        "name": "cheap (too long)",
        "when": {"requested_model": {"is": "cheap"}, "input_tokens": {"gt": 272000}},
        "route": {"model": "gemini-2.5-flash"},
    }


def test_providers_by_price_are_the_cheapest_of_them(tmp_path: Path) -> None:
    wishes = {"order": ["azure", "openai"], "sort": "price"}
    policy, _ = taken("openrouter", {"model": "openai/gpt-5.4", "provider": wishes}, tmp_path)
    assert policy["rules"][0]["route"] == {"cheapest": ["azure/gpt-5.4", "gpt-5.4"]}


RICH = """\
version: 1
name: rich
tiers: {cheap: {models: [gpt-5.4-mini, gemini-2.5-flash]}}
rules:
  - name: cascade
    when: {tags.plan: {is: free}}
    route: {cascade: [{tier: cheap}, {model: gpt-5.5}]}
  - name: tasks
    when: {task: {is: code}}
    route: {tier: cheap, service_tier: flex, sticky: conversation, budget: {usd: 5, then: {as_logged: true}}}
  - name: rest
    route: {as_logged: true}
fallback: {rate: 0.1}
levers: {prompt_cache: {}, batch: {}, trim: {output_tokens: 0.5}}
limits: {max_cost_per_call: 1}
assume: {output_tokens: same}
"""


@pytest.mark.parametrize("program", CONFIGURATIONS)
def test_every_part_of_a_policy_that_a_program_lacks_is_told(program: str, tmp_path: Path) -> None:
    (tmp_path / "rich.yaml").write_text(RICH)
    told = "\n".join(exported(program, tmp_path / "rich.yaml", []).notes)
    for part in ("judges no answers", "rule 'tasks'", "service_tier", "budget", "sticky", "fallback.rate", "task",
                 "levers.prompt_cache", "levers.batch", "levers.trim", "limits.max_cost_per_call",
                 "assume.output_tokens"):  # fmt: skip
        assert part in told


@pytest.mark.parametrize("program", CONFIGURATIONS)
def test_another_file_is_no_configuration_of_theirs(program: str, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    for text in ("[]", "{}", '{"rules": []}', "3"):
        file.write_text(text)
        with pytest.raises(ConfigError, match=r"other\.json: is no "):
            imported(program, file, [])


def places(plain: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    return [path, *(each for key, value in inner for each in places(value, (*path, key)))]


ODD: Any = st.sampled_from(
    [None, True, -1, 0, 2.5, "x", "gpt-5.4", "*", [], {}, [1], ["cheap"], [[]], {"a": 1}, {"$gt": []}]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_in_a_configuration_it_is_a_valid_policy_or_a_mistake(
    data: st.DataObject, tmp_path: Path
) -> None:
    program = data.draw(st.sampled_from(sorted(CONFIGURATIONS)))
    config = changed(CONFIGURATIONS[program])
    for _ in range(data.draw(st.integers(1, 3))):
        *path, last = data.draw(st.sampled_from(places(config)[1:]))
        parent = config
        for step in path:
            parent = parent[step]
        parent[last] = deepcopy(data.draw(ODD))
    with suppress(ConfigError):
        taken(program, config, tmp_path)


def test_nothing_is_never_written_as_if_it_were_a_policy(tmp_path: Path) -> None:
    file = tmp_path / "tasks.yaml"
    file.write_text("version: 1\nname: x\nrules: [{name: a, when: {task: {is: code}}, route: {model: gpt-5.5}}]\n")
    with pytest.raises(ConfigError, match="nothing of it can be carried over to portkey"):
        exported("portkey", file, [])
    with pytest.raises(UsageError, match=r"--to: there is no translator for 'portky' \(did you mean 'portkey'"):
        exported("portky", file, [])
