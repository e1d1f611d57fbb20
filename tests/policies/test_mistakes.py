"""Every mistake in a policy is found before a log is read, with its line, and all of them at once."""

import re
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.prices.tables import make_table, shipped

from costsim.errors import ConfigError, ConfigMistakesError
from costsim.policies.loading import load, parse
from costsim.prices import PriceTable
from costsim.replay.timed.caches import cache_rules

GOOD = """\
version: 1
name: mine
tiers:
  cheap:
    models: [gemini-2.5-flash-lite, gpt-5.4-mini]
  strong:
    models: [gpt-5.5]
rules:
  - name: simple
    when:
      task: {in: [classification, extraction]}
      input_tokens: {lt: 4000}
      tags.plan: {is: free}
    route:
      cascade:
        - {tier: cheap}
        - {tier: strong}
      escalate: {rate: observed, verifier: {model: gpt-5.4-mini}}
  - name: canary
    when: {share: 0.1, model: {is: gpt-5.5}}
    route:
      split: [{model: gpt-5.4, weight: 1}, {model: gpt-5.5, weight: 3}]
  - name: free
    when: {user: {exists: true}, started_at: {gte: 2026-10-01}}
    route:
      tier: strong
      budget: {per: user, tokens: 50000, then: {tier: cheap}}
  - name: rest
    route: {as_logged: true, service_tier: batch}
fallback:
  then: [claude-sonnet-4-6]
levers:
  prompt_cache: {ttl: 5m}
  batch: {when: {streamed: {is: false}}}
limits: {max_cost_per_call: 0.05}
assume:
  output_tokens: {gpt-5.5: 1.2}
"""

MISTAKES = [
    ("version: 1", "version: 2", "1: version: expected 1, not 2"),
    ("version: 1\n", "", "1: the file has no 'version' (it is 1)"),
    ("name: mine", "name: ''", "2: the policy has no name"),
    ("name: mine", "nam: mine", "2: unknown key 'nam' (did you mean 'name'?)"),
    ("models: [gpt-5.5]", "models: []", "7: models: expected a list of at least 1 name, not an empty list"),
    ("models: [gpt-5.5]", "models: [gpt-5.55]", "7: model 'gpt-5.55' is not in the price table (did you mean"),
    ("models: [gpt-5.5]", "models: [cheap]", "7: 'cheap' is a tier, not a model (write tier: cheap)"),
    ("models: [gpt-5.5]", "models: [llama-3.3-70b]", "7: model 'llama-3.3-70b' is sold by several providers"),
    ("[classification, extraction]", "[classification, extration]",
     "11: unknown task 'extration' (did you mean 'extraction'?)"),
    ("gte: 2026-10-01", "gte: 2026-13-45", "24: '2026-13-45' is no date"),
    ("{lt: 4000}", "{lt: 4,000}", "12: input_tokens: a number has no comma in it (write 4000, not 4,000)"),
    ("task:", "tsk:", "11: unknown column 'tsk' (did you mean 'task'?)"),
    ("{in: [classification, extraction]}", "classification",
     "11: task: expected an operator and a value (such as task: {is: classification})"),
    ("{in: [classification, extraction]}", "{in: classification}",
     "11: task: 'in' expects a list; write [classification]"),
    ("{in: [classification, extraction]}", "{is: [code]}",
     "11: task: 'is' expects one value, not a list; 'in' takes a list"),
    ("{in: [classification, extraction]}", "{matches: '(a'}",
     "11: task: 'matches' expects a regular expression; this"),
    ("{in: [classification, extraction]}", "{lt: code}", "11: task: 'lt' cannot be asked of a word"),
    ("{in: [classification, extraction]}", "{in: [code, 3]}",
     "11: task: 'in' expects a word; put it in quotes: item 2 is 3"),
    ("{in: [classification, extraction]}", "{in: [code, cod]}", "11: unknown task 'cod' (did you mean 'code'?)"),
    ("{in: [classification, extraction]}", "{a: 1}",
     "11: task: unknown operator 'a' (of a word: is, not, in, matches,"),
    ("    models: [gpt-5.5]", "    models: gpt-5.5",
     "7: models: expected a list of at least 1 name, not 'gpt-5.5' (write [gpt-5.5])"),
    ("    models: [gpt-5.5]", "    models: [gpt-5.5, 5.5]",
     "7: item 2 of models: expected text, not 5.5 (put it in q"),
    ("\n    models: [gpt-5.5]", " [gpt-5.5]",
     "6: strong: expected a mapping with models, not a list of 1 (write {models: [gpt-5.5]})"),
    ("verifier: {model: gpt-5.4-mini}", "verifier: gpt-5.4-mini",
     "18: verifier: expected a mapping with model, output_tokens, input_tokens, not 'gpt-5.4-mini' (write {model:"),
    ("- {tier: strong}", "- strong",
     "17: item 2 of cascade: expected a mapping with model, tier, not 'strong' (write {model: strong} or {tier: st"),
    ("{as_logged: true, service_tier: batch}", "[gpt-5.5, gpt-5.4]",
     "29: route: expected a mapping with model, tier, cascade, escalate, ..., not a list of 2 (write {cheapest: [g"),
    ("{ttl: 5m}", "true",
     "33: prompt_cache: expected a mapping with simulate, ttl, not true (write {simulate: true})"),
    ("when: {share: 0.1, model: {is: gpt-5.5}}", "when: everything",
     "20: when: expected a mapping, not 'everything' (such as {task: {is: chat}})"),
    ("{lt: 4000}", "{lt: many}", "12: input_tokens: 'lt' expects a number, such as 4000 or 0.6"),
    ("{lt: 4000}", "{less: 4000}", "12: input_tokens: unknown operator 'less' (did you mean 'lt'?)"),
    ("{lt: 4000}", "{lt: 4000, gte: 4000}", "12: input_tokens: no value is within all of these limits"),
    ("{lt: 4000}", "{between: [1, 5], gt: 5}", "12: input_tokens: no value is within all of these limits"),
    ("{lt: 4000}", "{lt: null}", "12: input_tokens: 'lt' has no value (where the log says nothing: exists: false)"),
    ("{lt: 4000}", "{between: [9, 3]}", "12: input_tokens: 'between' expects the lower value first"),
    ("{lt: 4000}", "{between: 9}", "12: input_tokens: 'between' expects a list of two values"),
    ("{lt: 4000}", "{lt: .nan}", "12: input_tokens: 'lt' expects a number"),
    ("input_tokens: {lt", "prefix_tokens: {lt", "12: unknown column 'prefix_tokens'"),
    ("tags.plan:", "tag.plan:", "13: unknown column 'tag.plan' (did you mean 'tags.plan'?)"),
    ("tags.plan:", "plan:", "13: unknown column 'plan' (a tag is tags.plan; known: answer_check, "),
    ("tags.plan:", "tags:", "13: 'tags' is not one column (write tags.NAME, such as tags.plan)"),
    ("{is: free}", "{gt: free}", "13: tags.plan: 'gt' expects a number"),
    ("- {tier: cheap}", "- {tier: cheep}", "16: tier 'cheep' is not defined (did you mean 'cheap'?)"),
    ("- {tier: cheap}", "- {tier: gpt-5.5}",
     "16: tier 'gpt-5.5' is not defined (it is a model: write model: gpt-5.5)"),
    ("- {tier: cheap}", "- {tier: cheap, model: gpt-5.4}",
     "16: item 1 of cascade: expected exactly one of model and tier (here: model, tier)"),
    ("        - {tier: strong}\n", "",
     "15: cascade: expected a list of at least 2 mappings with model, tier, not a list of 1"),
    ("rate: observed,", "rate: seen,",
     "18: rate: expected a number from 0 to 1, 'observed', 'prior' or a mapping, not 'seen'"),
    ("rate: observed,", "rate: 1.5,", "18: rate: expected a number from 0 to 1"),
    ("rate: observed,", "rate: {triage: 0.1},", "18: unknown task 'triage'"),
    ("verifier: {model: gpt-5.4-mini}", "verifier: {model: gpt-mini}",
     "18: model 'gpt-mini' is not in the price table"),
    ("share: 0.1", "share: 10", "20: share: expected a number from 0 to 1 (0.1 is a tenth of the calls)"),
    ("weight: 1}", "weight: 0}", "22: weight: expected a number above 0, not 0"),
    ("weight: 1}", "wait: 1}", "22: unknown key 'wait' (did you mean 'weight'?)"),
    ("{exists: true}", "{exists: maybe}", "24: user: 'exists' expects true or false"),
    ("2026-10-01", "october", "24: started_at: 'gte' expects a day or a time, such as 2026-10-01"),
    ("per: user", "per: usr", "27: there is no column of words 'usr' (did you mean 'user'?)"),
    ("per: user", "per: team", "27: there is no column of words 'team' (a tag is tags.team; known: "),
    ("per: user", "per: input_tokens", "27: there is no column of words 'input_tokens'"),
    ("tokens: 50000", "tokens: 50000, usd: 3", "27: a budget is either of tokens or of usd"),
    ("tokens: 50000", "usd: -3", "27: usd: expected an amount of at least 0"),
    ("then: {tier: cheap}}", "then: {}}", "27: then: expected exactly one of model, tier and as_logged (here: none)"),
    ("per: user,", "every: year,", "27: every: expected 'day', 'week' or 'month', not 'year'"),
    ("      tier: strong\n      budget", "      budget",
     "25: a route names one way, and this one none (one of model,"),
    ("      tier: strong\n", "      tier: strong\n      model: gpt-5.5\n",
     "25: a route names one way, and this one model and tier (one of model,"),
    ("      tier: strong\n", "      decisions: none.csv\n", "26: there is no file 'none.csv'"),
    ("      escalate: {rate", "      sticky: conversation\n      escalate: {rate",
     "18: sticky: a cascade keeps no conversation on one model (it decides call by call which model answers)"),
    ("      tier: strong\n", "      tier: strong\n      escalate: {rate: 0.1}\n",
     "27: escalate belongs to a cascade, and this route has none"),
    ("  - name: free\n", "  - name: canary\n", "23: two rules are called 'canary' (reports show rules by name)"),
    ("    when: {user: {exists: true}, started_at: {gte: 2026-10-01}}\n", "",
     "27: rule 'rest' is never reached (rule 'free' before it takes all its calls)"),
    ("{user: {exists: true}, started_at: {gte: 2026-10-01}}", "{share: 0.1, model: {is: gpt-5.5}}",
     "23: rule 'free' is never reached (rule 'canary' before it takes all its calls)"),
    ("{user: {exists: true}, started_at: {gte: 2026-10-01}}",
     "{share: 0.05, model: {is: gpt-5.5, not: [a]}, turns: {is: 1}}",
     "23: rule 'free' is never reached (rule 'canary' before it takes all its calls)"),
    ("service_tier: batch", "service_tier: bach", "29: unknown service tier 'bach' (did you mean 'batch'?)"),
    ("then: [claude-sonnet-4-6]", "then: [claude-sonet-4-6]",
     "31: model 'claude-sonet-4-6' is not in the price table"),
    ("fallback:\n", "fallback:\n  on: [eror]\n",
     "31: item 1 of on: expected 'error', 'timeout' or 'rate_limit', not 'eror' (did you mean 'error'?)"),
    ("ttl: 5m", "ttl: {gpt-5.55: 5m}", "33: ttl: 'gpt-5.55' is neither a tier nor a model (did you mean"),
    ("ttl: 5m", "ttl: {cheep: 5m}", "33: ttl: 'cheep' is neither a tier nor a model (did you mean 'cheap'?)"),
    ("service_tier: batch}", "service_tier: batch}\n    levers: {prompt_cache: {ttl: 1h}}",
     "30: ttl: a second lifetime for all caches (elsewhere 5m; a model has one cache"),
    ("ttl: 5m", "ttl: {cheap: 5m, gpt-5.5: 1 h}", "33: ttl: '1 h' is no duration"),
    ("ttl: 5m", "ttl: 5 minutes", "33: ttl: '5 minutes' is no duration (such as 30s, 5m, 24h or 7d)"),
    ("{streamed: {is: false}}", "{streamed: {is: 'no'}}", "34: streamed: 'is' expects true or false"),
    ("max_cost_per_call: 0.05", "max_cost_per_call: 0", "35: max_cost_per_call: expected an amount above 0 (USD)"),
    ("{gpt-5.5: 1.2}", "{gpt-x: 1.2}", "37: model 'gpt-x' is not in the price table"),
    ("{gpt-5.5: 1.2}", "sme",
     "37: output_tokens: expected 'projected', 'same' or a mapping, not 'sme' (did you mean 'same'?)"),
    ("version: 1", "version: '1'", "1: version: expected 1, not '1' (did you mean 1, without quotes?)"),
    ("{lt: 4000}", "{lt: '4000'}", "12: input_tokens: 'lt' expects a number; write 4000 without quotes"),
    ("weight: 1}", "weight: '1'}", "22: weight: expected a number above 0, not '1' (did you mean 1, without quotes?)"),
    ("    models: [gpt-5.5]", "\tmodels: [gpt-5.5]", "7: a tab: YAML is indented with spaces"),
    ("name: mine", "name: [mine", "3: did not find expected ',' or ']'"),
    ("name: mine", "name: mine\nname: yours", "3: key 'name' stands here twice"),
]  # fmt: skip


def told(text: str, prices: PriceTable) -> list[str]:
    with pytest.raises(ConfigError) as end:
        parse(text, "mine.yaml", prices)
    return end.value.lines


def test_the_policy_that_is_broken_below_is_a_good_one(prices: PriceTable) -> None:
    policy = parse(GOOD, "mine.yaml", prices)
    assert [rule.name for rule in policy.rules] == ["simple", "canary", "free", "rest"]
    assert policy.models() == ("gemini-2.5-flash-lite", "gpt-5.4-mini", "gpt-5.5", "gpt-5.4", "claude-sonnet-4-6")
    assert policy.columns() == {"task", "input_tokens", "tags", "call_id", "model", "user", "started_at", "streamed"}
    assert policy.warnings == ()


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES, ids=[said for _, _, said in MISTAKES])
def test_a_mistake_is_one_line_with_its_place(old: str, new: str, said: str, prices: PriceTable) -> None:
    assert old in GOOD
    (line,) = told(GOOD.replace(old, new, 1), prices)
    assert line.startswith(f"mine.yaml:{said}")


def test_the_last_day_of_all_is_a_day(prices: PriceTable) -> None:
    parse(GOOD.replace("2026-10-01", "9999-12-31"), "mine.yaml", prices)


def test_a_file_as_editors_write_it_is_read(prices: PriceTable) -> None:
    assert parse("\ufeff" + GOOD.replace("\n", "\r\n"), "mine.yaml", prices).name == "mine"
    anchored = GOOD.replace("name: mine", "name: mine\nx-mine: &cheap [gpt-5.4-mini]")
    anchored = anchored.replace("models: [gemini-2.5-flash-lite, gpt-5.4-mini]", "models: *cheap")
    assert parse(anchored, "mine.yaml", prices).tiers["cheap"] == ("gpt-5.4-mini",)


def test_a_policy_that_says_nothing_is_an_error_and_one_that_does_nothing_a_warning(prices: PriceTable) -> None:
    assert told("# to be written", prices) == [
        "mine.yaml: the file is empty (`costsim policy init` writes one to begin with)"
    ]
    (warning,) = parse("version: 1\nname: none\n", "mine.yaml", prices).warnings
    assert "changes nothing" in warning


LIFETIMES = """
version: 1
name: lifetimes
tiers: {strong: {models: [gpt-5.5, claude-opus-4-8]}}
levers: {prompt_cache: {ttl: TTL}}
"""


def test_caches_live_as_long_as_their_provider_keeps_them_or_as_is_asked_for(prices: PriceTable) -> None:
    def lives(ttl: str, name: str) -> tuple[int, bool]:
        """Minutes, and whether writes are of the dearer sort."""
        rules = cache_rules(prices, parse(LIFETIMES.replace("TTL", ttl), "mine.yaml", prices))
        model = prices.index_of(None, name)
        return int(rules.lifetime[model]) // 60_000_000, bool(rules.one_hour[model])

    by_name = "{strong: 24h, claude-sonnet-4-6: 1h, claude-opus-4-8: 1h}"
    assert lives(by_name, "gpt-5.5") == (24 * 60, False), "its tier is asked for"
    assert lives(by_name, "claude-opus-4-8") == (60, True), "a model counts more than its tier"
    assert lives(by_name, "claude-haiku-4-5") == (5, False), "its own"
    assert lives("1h", "claude-haiku-4-5") == (60, True)
    assert lives("1h", "gpt-5.5")[0] < 60, "a cache that comes by itself is not asked for an hour"
    for only_in_a_log in ("bedrock/amazon.nova-lite-v1:0", "bedrock/anthropic.claude-3-5-haiku-20241022-v1:0"):
        assert lives("1h", only_in_a_log) == (5, False), "it sells no other"


CACHES = """
version: 1
name: caches
tiers: {small: {models: [bedrock/amazon.nova-lite-v1:0, gpt-5.4-mini, claude-haiku-4-5]}, idle: {models: [NOVA]}}
rules:
  - name: one
    when: {share: 0.5}
    route:
      cascade: [{tier: small}, {model: claude-opus-4-8}]
      escalate: {verifier: {model: bedrock/amazon.nova-micro-v1:0}}
    levers: {prompt_cache: {ttl: TTL}}
  - {name: two, route: {tier: idle}}
""".replace("NOVA", "bedrock/amazon.nova-pro-v1:0")


@pytest.mark.parametrize(
    ("ttl", "said"),
    [
        ("5m", ""),
        ("1h", "none of 1h (say 5m, or ask it of single models: ttl: {claude-haiku-4-5: 1h})"),
        ("30m", "none of 30m (say 5m)\nnone of 30m (say 5m or 1h)\nnone of 30m (say 5m or 1h)"),
        ("{small: 1h, bedrock/amazon.nova-lite-v1:0: 5m}", ""),
        ("{small: 1h}", "none of 1h (say 5m, or ask it of single models: ttl: {claude-haiku-4-5: 1h})"),
        ("{idle: 1h}", "none of 1h (say 5m)"),
        ("{gpt-5.6: 24h}", "none of 24h (say 30m or 12h)"),
        ("{gpt-5.5: 24h, groq/llama-3.3-70b-versatile: 1h}", ""),
    ],
)
def test_a_lifetime_that_a_model_of_the_policy_does_not_sell_is_a_mistake(
    ttl: str, said: str, prices: PriceTable
) -> None:
    """Verifiers, and models whose caches are not simulated, come by themselves or are none, are asked by name only."""
    text = CACHES.replace("TTL", ttl)
    lines = told(text, prices) if said else [str(each) for each in parse(text, "mine.yaml", prices).warnings]
    assert [line[line.index("none of") :] for line in lines] == sorted(said.splitlines())
    assert all(line.startswith("mine.yaml:11: ttl: '") for line in lines)


MANY = """\
version: 1
name: many
tiers: {cheap: {models: [gpt-5.4-mni]}}
ruels: []
rules:
  - name: one
    when: {task: {in: [clasification]}, input_tokens: {lt: many}, complexty: {is: simple}}
    route: {tier: cheep, service_tier: bach}
  - name: one
    when: {share: 2}
    route: {cascade: [{tier: cheap}, {}]}
levers: {prompt_cache: {ttl: 5 minutes}}
"""


def test_many_mistakes_are_as_many_lines_in_the_order_of_the_file(prices: PriceTable) -> None:
    found = told(MANY, prices)
    assert [(line.split(":")[1], line.partition(": ")[2].partition(" (")[0]) for line in found] == [
        ("3", "model 'gpt-5.4-mni' is not in the price table"),
        ("4", "unknown key 'ruels'"),
        ("7", "unknown task 'clasification'"),
        ("7", "input_tokens: 'lt' expects a number, such as 4000 or 0.6"),
        ("7", "unknown column 'complexty'"),
        ("8", "tier 'cheep' is not defined"),
        ("8", "unknown service tier 'bach'"),
        ("9", "two rules are called 'one'"),
        ("10", "share: expected a number from 0 to 1"),
        ("11", "item 2 of cascade: expected exactly one of model and tier"),
        ("12", "ttl: '5 minutes' is no duration"),
    ]


def test_a_model_that_is_no_longer_served_is_a_warning(prices: PriceTable) -> None:
    retired = GOOD.replace("then: [claude-sonnet-4-6]", "then: [gpt-4.1-nano]")
    (warning,) = parse(retired, "mine.yaml", prices).warnings
    assert warning.startswith("mine.yaml:31: model 'gpt-4.1-nano' was retired on 20")


def test_a_file_that_is_missing_names_the_ready_policies(prices: PriceTable) -> None:
    with pytest.raises(ConfigError, match=r"three-teir: there is no such file \(did you mean 'three-tier'\?\)"):
        load(Path("three-teir"), prices)


def test_a_model_of_the_users_own_prices_is_known(prices: PriceTable) -> None:
    text = "version: 1\nname: x\nrules: [{name: all, route: {model: house-7b}}]"
    own = "provider: house\nmodels: [{model: house-7b, prices: [{rates: {input: 1, output: 2}}]}]"
    assert parse(text, "mine.yaml", make_table(own)).models() == ("house-7b",)
    assert told(text, prices)[0].startswith("mine.yaml:3: model 'house-7b' is not in the price table")


def test_a_users_own_task_types_are_known(prices: PriceTable) -> None:
    text = GOOD.replace("extraction", "triage")
    parse(text, "mine.yaml", prices, ["classification", "triage"])
    with pytest.raises(ConfigMistakesError, match="unknown task 'triage'"):
        parse(text, "mine.yaml", prices)


def test_the_hash_is_of_the_meaning_and_of_the_decisions(prices: PriceTable, tmp_path: Path) -> None:
    def hashed(text: str) -> str:
        return parse(text, str(tmp_path / "mine.yaml"), prices).hash

    assert hashed(GOOD) == hashed("# a comment\n" + GOOD.replace("{lt: 4000}", "{ lt: 4000 }"))
    assert hashed(GOOD) != hashed(GOOD.replace("4000", "4001"))
    decided = GOOD.replace("tier: strong\n      budget", "decisions: d.csv\n      budget")
    (tmp_path / "d.csv").write_text("a,gpt-5.5\n")
    first = hashed(decided)
    (tmp_path / "d.csv").write_text("a,gpt-5.4\n")
    assert hashed(decided) != first


@pytest.mark.parametrize(
    "when", ["{share: 0.2, model: {is: gpt-5.5}}", "{share: 0.1, model: {is: gpt-5.4}}", "{share: 0.1}"]
)
def test_a_rule_that_may_take_more_than_one_before_it_is_no_mistake(when: str, prices: PriceTable) -> None:
    parse(GOOD.replace("{user: {exists: true}, started_at: {gte: 2026-10-01}}", when), "mine.yaml", prices)


def test_a_rules_levers_lie_over_those_of_the_policy(prices: PriceTable) -> None:
    own = "levers: {prompt_cache: {simulate: false}, trim: {output_tokens: 0.5}}"
    policy = parse(GOOD.replace("  - name: rest\n", f"  - name: rest\n    {own}\n"), "mine.yaml", prices)
    first, *_, rest = (rule.levers for rule in policy.rules)
    assert first == policy.levers
    assert rest.batch == policy.levers.batch
    assert (rest.prompt_cache and rest.prompt_cache.simulate, rest.trim and rest.trim.output_tokens) == (False, 0.5)


def places(plain: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    return [path, *(each for key, value in inner for each in places(value, (*path, key)))]


ODD: Any = st.sampled_from(
    [None, True, -1, 0, 2.5, 10**30, "", "x", "gpt-5.4", "cheap", "(", [], {}, [1], ["cheap"], [[]], {"a": 1},
     {"is": [1]}, {"tier": "cheap"}, {"not": "a"}, date(2026, 10, 1), {1: 2}, {"share": 0.5}]
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_a_policy_it_is_one_or_lines_that_say_what_is_wrong(data: st.DataObject) -> None:
    plain = yaml.safe_load(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        *path, last = data.draw(st.sampled_from(places(plain)[1:]))
        parent = plain
        for step in path:
            parent = parent[step]
        parent[last] = deepcopy(data.draw(ODD))
    text = yaml.safe_dump(plain, sort_keys=False)
    lines = ["mine.yaml:1: fine"]
    try:
        parse(text, "mine.yaml", shipped())
    except ConfigError as problem:
        lines = problem.lines
    assert all(re.fullmatch(r"mine\.yaml:\d+: \S.*", line) for line in lines)
