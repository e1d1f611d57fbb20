"""`costsim policy` as a user types it."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Costsim
from tests.ingest.logs import calls
from tests.policies.test_mistakes import GOOD

from costsim.policies.ready import READY


def test_a_good_policy_is_said_to_be_valid(costsim: Costsim, folder: Path) -> None:
    (folder / "mine.yaml").write_text(GOOD)
    end = costsim("policy", "validate", "mine.yaml", "cache-the-prefixes")
    assert (end.code, end.err) == (0, "")
    assert end.out.splitlines() == [
        "mine.yaml: 'mine' is valid: 4 rules, 2 tiers, 5 models",
        "cache-the-prefixes: 'cache-the-prefixes' is valid: 0 rules, 0 tiers, 0 models",
    ]


def test_all_mistakes_of_all_files_are_a_line_each_and_2(costsim: Costsim, folder: Path) -> None:
    (folder / "a.yaml").write_text(GOOD.replace("gpt-5.5]", "gpt-5.55]").replace("lt: 4000", "lt: many"))
    (folder / "b.yaml").write_text("version: 1\nname: b: c\n")
    end = costsim("policy", "validate", "a.yaml", "b.yaml", "c.yaml", "three-tier")
    assert (end.code, end.out) == (2, "")
    assert [line.partition(": ")[0] for line in end.said] == ["a.yaml:7", "a.yaml:12", "b.yaml:2", "c.yaml"]


def test_a_warning_is_told_and_no_mistake(costsim: Costsim, folder: Path) -> None:
    (folder / "old.yaml").write_text(GOOD.replace("claude-sonnet-4-6", "gpt-4.1-nano"))
    assert "'gpt-4.1-nano' was retired on" in costsim("policy", "validate", "old.yaml").err
    assert costsim("policy", "validate", "old.yaml", "--quiet").err == ""


def test_a_lifetime_that_no_provider_sells_is_a_mistake_before_a_log_is_read(costsim: Costsim, folder: Path) -> None:
    """The policy names one model whose caches are sold by lifetime; those of the others are automatic."""
    (folder / "mine.yaml").write_text(GOOD.replace("ttl: 5m", "ttl: 10m"))
    end = costsim("simulate", "missing.jsonl", "--policy", "mine.yaml")
    said = "mine.yaml:33: ttl: 'claude-sonnet-4-6' has caches of 5m and 1h, and none of 10m (say 5m or 1h)"
    assert (end.code, end.said) == (2, [said])
    (folder / "mine.yaml").write_text(GOOD.replace("ttl: 5m", "ttl: 60m"))
    assert costsim("policy", "validate", "mine.yaml").said == []


def test_task_types_of_the_users_own_are_known_with_their_file(costsim: Costsim, folder: Path) -> None:
    (folder / "mine.yaml").write_text(GOOD.replace("extraction", "triage"))
    (folder / "tasks.yaml").write_text("types:\n  triage: {like: classification, says: triage}\n")
    assert costsim("policy", "validate", "mine.yaml", "--tasks", "tasks.yaml").err == ""
    assert costsim("policy", "validate", "mine.yaml").code == 2


@pytest.mark.parametrize("name", READY)
def test_every_ready_policy_is_listed_and_shown_and_is_valid_as_it_is_and_as_a_copy(
    costsim: Costsim, folder: Path, name: str
) -> None:
    assert f"{name} " in costsim("policy", "list").out
    (folder / "copy.yaml").write_text(costsim("policy", "show", name).out)
    end = costsim("policy", "validate", name, "copy.yaml")
    assert (end.code, end.err) == (0, "")


def test_a_ready_policy_that_there_is_not_has_a_neighbour(costsim: Costsim) -> None:
    end = costsim("policy", "show", "three-teir")
    assert (end.code, end.said) == (2, ["there is no ready policy 'three-teir' (did you mean 'three-tier'?)"])


def test_the_schema_is_json_and_knows_tags_and_tasks(costsim: Costsim, folder: Path) -> None:
    assert costsim("policy", "schema", "--out", "schema.json").code == 0
    conditions = json.loads((folder / "schema.json").read_text())["$defs"]["Conditions"]
    assert list(conditions["patternProperties"]) == [r"^tags\..+"]
    assert "classification" in conditions["properties"]["task"]["properties"]["is"]["anyOf"][0]["enum"]


def test_a_first_policy_is_valid_and_is_never_written_over_one_that_is_there(costsim: Costsim, folder: Path) -> None:
    (folder / "log.jsonl").write_bytes(calls(5))
    end = costsim("policy", "init", "log.jsonl", "--out", "tiers.yaml")
    assert (end.code, end.out, end.said) == (0, "", ["tiers.yaml is written; costsim simulate --policy tiers.yaml"])
    written = (folder / "tiers.yaml").read_text()
    assert costsim("policy", "validate", "tiers.yaml").code == 0
    assert costsim("policy", "init").out == written
    again = costsim("policy", "init", "--out", "tiers.yaml")
    assert (again.code, again.said) == (2, ["--out tiers.yaml: is there already (remove it, or name another file)"])


def test_there_and_back_through_another_program(costsim: Costsim, folder: Path) -> None:
    assert costsim("policy", "export", "--to", "litellm", "everything-strongest", "--out", "theirs.yaml").code == 0
    end = costsim("policy", "import", "--from", "litellm", "theirs.yaml")
    assert end.code == 0
    assert "requested_model: {is: all-calls}" in end.out
    wrong = costsim("policy", "import", "--from", "portkey", "theirs.yaml")
    assert wrong.code == 2
    assert wrong.said == [
        "theirs.yaml: is no configuration of Portkey (it has no strategy, targets, provider or override_params)"
    ]
    assert list(folder.iterdir()) == [folder / "theirs.yaml"]


def test_fees_that_calls_leave_behind_are_named(costsim: Costsim, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(
        "version: 1\nname: small\nrules:\n  - {name: all, route: {model: gpt-5.4-mini}}\n"
    )
    log = Path(__file__).parents[2] / "sample_logs" / "formats" / "bedrock-log" / "log.jsonl"
    end = costsim("simulate", log, "--policy", tmp_path / "policy.yaml", "--format", "json", "--no-controls")
    said = [each["text"] for each in json.loads(end.out)["assumptions"]]
    assert [each for each in said if each.startswith("Fees for code sessions and guardrails, $0.")], end.err


def test_two_versions_of_a_policy_are_compared_over_the_calls_and_the_days_that_are_asked_for(
    costsim: Costsim, folder: Path
) -> None:
    """In New York the first call is of September, and within the budget of both months; in UTC both are of October."""
    rows = [f"{number},2026-10-01T0{hour}:30:00Z,gpt-5.5,1000,100,ann,{route}"
            for number, (hour, route) in enumerate([(2, "a"), (5, "a"), (6, "b")])]  # fmt: skip
    (folder / "log.csv").write_text("\n".join(["id,time,model,input_tokens,output_tokens,user,route", *rows]))
    budget = "{model: gpt-5.4, budget: {tokens: %d, then: {model: gpt-5.4-nano}}}"
    for name, tokens in (("old", 2200), ("new", 1100)):
        rule = f"  - {{name: all, route: {budget % tokens}}}"
        same = "assume: {input_tokens: same, output_tokens: same}"
        (folder / f"{name}.yaml").write_text(f"version: 1\nname: plan\nrules:\n{rule}\n{same}")
    asked = ("policy", "diff", "old.yaml", "new.yaml", "log.csv", "--where", "route=a")
    end = costsim(*asked)
    assert end.code == 0, end.err
    head, route, total, _ = end.out.splitlines()
    assert head.split("  ")[0] == "Route"
    assert "plan (old.yaml)" in head
    assert "plan (new.yaml)" in head
    assert (route.split()[:2], total.split()[:3]) == (["all", "2"], ["(all", "calls)", "2"])
    assert not route.endswith("$0.00000")
    there = json.loads(costsim(*asked, "--timezone", "America/New_York", "--format", "json").out)
    assert there["difference_usd"] == "0", "both calls are within the smaller budget of their month"


def test_several_requests_of_openrouter_come_back_as_a_rule_each(costsim: Costsim, folder: Path) -> None:
    (folder / "mine.yaml").write_text(GOOD)
    assert costsim("policy", "export", "--to", "openrouter", "mine.yaml", "--out", "theirs.json").code == 0
    end = costsim("policy", "import", "--from", "openrouter", "theirs.json", "--out", "back.yaml")
    assert (end.code, end.said[0]) == (0, "Not carried over, or not as it was:")
    assert "no request says which calls it is for: each is taken for the calls of the route of its name" in end.err
    assert costsim("policy", "validate", "back.yaml").out.startswith("back.yaml: 'from-openrouter' is valid: 3 rules")
