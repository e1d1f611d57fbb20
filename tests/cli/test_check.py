"""The gate as a user meets it: every exit code of `check`, and what it says."""

import json
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.cli.conftest import Costsim, Ended
from tests.cli.gate_logs import log

from costsim.summary.gate.parts import ORDER


@pytest.fixture
def baseline(costsim: Costsim, folder: Path) -> Path:
    """The baseline of an ordinary log, as a user makes it."""
    log(folder / "old.jsonl")
    made = costsim("baseline", "old.jsonl", "--out", "costs.json")
    assert (made.code, made.out) == (0, "")
    assert "without a price -> costs.json" in made.err
    return folder / "costs.json"


def said(end: Ended, code: int) -> Any:
    """The report that a run printed as JSON."""
    assert end.code == code, end.err
    return json.loads(end.out)


def named(path: Path, user: str) -> None:
    """Give all calls of a log a user."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(row | {"user": user}) + "\n" for row in rows))


def check(costsim: Costsim, *more: str | Path) -> Ended:
    return costsim("check", "new.jsonl", "--baseline", "costs.json", "--format", "json", *more)


@pytest.mark.usefixtures("baseline")
def test_the_same_traffic_passes(costsim: Costsim, folder: Path) -> None:
    log(folder / "new.jsonl", seed=2)
    report = said(check(costsim), 0)
    assert (report["verdict"], report["missing"]) == ("pass", [])
    assert {line["key"] for line in report["lines"]} == {None, "search", "support"}


@pytest.mark.usefixtures("baseline")
def test_longer_prompts_fail_with_1_and_the_reason(costsim: Costsim, folder: Path) -> None:
    log(folder / "new.jsonl", seed=2, input_of={"support": 5_300})
    report = said(check(costsim), 1)
    (line,) = [line for line in report["lines"] if line["finding"] == "regression" and line["scope"] == "route"]
    assert line["key"] == "support"
    assert line["why"].endswith("more input tokens per call")
    assert "route 'support'" in report["sentence"]
    assert "a month" in report["sentence"]
    assert max(report["parts"], key=lambda part: Decimal(part["change_usd"]))["part"] == "input_tokens"
    assert sum(Decimal(part["change_usd"]) for part in report["parts"]) == Decimal(report["change_usd"])


@pytest.mark.usefixtures("baseline")
def test_twice_the_traffic_is_no_regression_but_volume(costsim: Costsim, folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / "old.jsonl").read_text().splitlines()]
    twice = [
        *rows,
        *({**row, "call_id": f"again {row['call_id']}", "started_at": row["started_at"] + 1} for row in rows),
    ]
    (folder / "new.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in twice))
    report = said(check(costsim, "--max-increase", "0", "--min-usd", "0"), 0)
    assert [part["part"] for part in report["parts"]] == ["volume"]


@pytest.mark.usefixtures("baseline")
def test_more_of_a_dear_route_is_named_as_mix(costsim: Costsim, folder: Path) -> None:
    log(folder / "new.jsonl", seed=2, calls=100)
    extra = log(folder / "extra.jsonl", seed=3, calls=300, routes=("search",))
    end = costsim("check", "new.jsonl", extra, "--baseline", "costs.json", "--format", "json")
    parts = {part["part"]: Decimal(part["change_usd"]) for part in said(end, 0)["parts"]}
    assert max(parts, key=lambda part: parts[part]) == "mix"


@pytest.mark.usefixtures("baseline")
def test_a_dearer_model_is_named_as_routing(costsim: Costsim, folder: Path) -> None:
    log(folder / "new.jsonl", seed=2, model="gpt-5.5")
    report = said(check(costsim), 1)
    assert report["sentence"].endswith("gpt-5.5 answers 0 % → 100 % of its calls")


EVIDENCE: list[tuple[dict[str, Any], list[str], str]] = [
    ({"calls": 12}, [], "check: only 12 calls on route 'search', 30 needed (--min-calls); nothing can be said"),
    ({"model": "nobody-knows-1"}, [], "check: this log has no call with a price; nothing can be said"),
    ({"broken": 60}, [], "check: 60 lines of this log could not be read (--max-rejected 0.05"),
    ({}, ["--prices", "mine.yaml"], "check: the baseline was priced with another price table"),
]


@pytest.mark.parametrize(("changed", "options", "words"), EVIDENCE, ids=["few", "unpriced", "rejects", "prices"])
@pytest.mark.usefixtures("baseline")
def test_too_little_evidence_is_3_and_says_what_is_missing(
    costsim: Costsim, folder: Path, changed: dict[str, Any], options: list[str], words: str
) -> None:
    (folder / "mine.yaml").write_text(OWN_PRICES)
    log(folder / "new.jsonl", seed=2, **changed)
    end = check(costsim, *options)
    report = said(end, 3)
    assert report["verdict"] == "no evidence"
    assert report["missing"]
    assert end.said[-1].startswith(words)


OWN_PRICES = """
provider: local
models:
  - model: my-model
    prices: [{rates: {input: "1", output: "2"}}]
"""


@pytest.mark.usefixtures("baseline")
def test_other_prices_are_compared_where_that_is_asked_for(costsim: Costsim, folder: Path) -> None:
    (folder / "mine.yaml").write_text(OWN_PRICES)
    log(folder / "new.jsonl", seed=2)
    assert check(costsim, "--prices", "mine.yaml", "--other-prices").code == 0


def test_without_a_baseline_it_is_3_with_the_command_that_makes_one(costsim: Costsim, folder: Path) -> None:
    log(folder / "new.jsonl")
    end = check(costsim)
    hint = "costs.json: there is no baseline yet (make one: costsim baseline LOGS --out costs.json)"
    assert (end.code, end.said, end.out) == (3, [hint], "")
    assert said(check(costsim, "--allow-no-baseline"), 0)["before"] is None


@pytest.mark.parametrize("content", [b"", b"[]", b'{"kind": "costsim-baseline", "schema_version": "0"}', b"\xff{"])
def test_a_baseline_that_is_none_is_never_passed_over(costsim: Costsim, folder: Path, content: bytes) -> None:
    log(folder / "new.jsonl")
    (folder / "costs.json").write_bytes(content)
    end = check(costsim, "--allow-no-baseline")
    assert end.code == 3
    assert len(end.said) == 1


MISTAKES = [
    (["--budget", "week=5"], "--budget: 'week=5' is no budget (such as month=500"),
    (["--budget", "month"], "--budget: 'month' is no budget"),
    (["--pair-by", "user"], "--pair-by: 'user' is nothing to pair by (prompt, or tag:NAME)"),
    (["--format", "sarf"], "--format: unknown format 'sarf' (did you mean 'sarif'?)"),
    (
        ["--config", "gate.yaml"],
        "gate.yaml:2: unknown key 'max_increse_percent' (did you mean 'max_increase_percent'?)",
    ),
    (["--policy", "tiers.yaml"], "--baseline: either logs or policies are compared (run check twice)"),
    (["--alpha", "2"], "--alpha"),
    (["--level", "loud"], "--level"),
]


@pytest.mark.parametrize(("options", "words"), MISTAKES, ids=lambda each: " ".join(each) if type(each) is list else "")
def test_a_mistake_is_one_line_and_2(costsim: Costsim, folder: Path, options: list[str], words: str) -> None:
    (folder / "gate.yaml").write_text("check:\n  max_increse_percent: 3\n")
    end = costsim("check", "new.jsonl", "--baseline", "costs.json", *options)
    assert (end.code, len(end.said)) == (2, 1)
    assert end.said[0].startswith(words)


@pytest.mark.usefixtures("baseline")
def test_no_log_is_4(costsim: Costsim) -> None:
    assert check(costsim).code == 4


BUDGETS = ["month=1", "day=0.01", "route=0.5", "route:search=0.4", "call=0.01", "call:search=0.02", "user=0.1"]


def test_budgets_that_are_exceeded_fail_without_any_baseline(costsim: Costsim, folder: Path) -> None:
    named(log(folder / "new.jsonl"), "acme")
    run = ["check", "new.jsonl", "--format", "json"]
    for budget in BUDGETS:
        run += ["--budget", budget]
    lines = said(costsim(*run), 1)["budgets"]
    assert {f"{line['per']}={line['limit_usd']}" for line in lines if line["exceeded"]} == {
        budget.replace(":search", "") for budget in BUDGETS
    }
    kept = [f"--budget={budget.partition('=')[0]}=1000" for budget in BUDGETS]
    lines = said(costsim("check", "--format", "json", *kept), 0)["budgets"]
    assert len(lines) == len(BUDGETS)
    assert not any(line["exceeded"] for line in lines)


def test_a_budget_that_no_call_falls_under_is_never_called_kept(costsim: Costsim, folder: Path) -> None:
    log(folder / "new.jsonl")
    silent = costsim("check", "new.jsonl", "--budget", "call:serch=1")
    assert (silent.code, silent.said[-1]) == (
        3, "check: no call of this log has the route 'serch' (did you mean 'search'?); nothing can be said",
    )  # fmt: skip
    beside = costsim("check", "new.jsonl", "--budget", "call:serch=1", "--budget", "month=1000")
    assert beside.code == 0
    assert "budget per call 'serch': of $1.00 nothing can be said" in beside.out


def test_calls_without_a_user_are_not_one_user(costsim: Costsim, folder: Path) -> None:
    log(folder / "new.jsonl")
    end = costsim("check", "new.jsonl", "--budget", "user=0.0001")
    assert (end.code, end.said[-1]) == (3, "check: no call of this log has a user; nothing can be said")


@pytest.mark.usefixtures("baseline")
def test_the_file_sets_thresholds_and_levels_and_flags_win(costsim: Costsim, folder: Path) -> None:
    log(folder / "new.jsonl", seed=2, input_of={"support": 5_300})
    (folder / "costsim.yaml").write_text(
        "check:\n  level: 'off'\n  routes: {support: {level: warn}}\n  budgets: [{per: month, usd: 0.5, level: warn}]\n"
    )
    report = said(check(costsim), 0)
    assert report["verdict"] == "warn"
    assert [line["exceeded"] for line in report["budgets"]] == [True]
    assert said(check(costsim, "--level", "fail"), 1)["verdict"] == "fail"
    assert said(check(costsim, "--max-increase", "100", "--level", "fail"), 0)


def test_two_logs_are_compared_in_pairs_of_their_cases(costsim: Costsim, folder: Path) -> None:
    old = log(folder / "old.jsonl", calls=60, spread=1.0, tests=True)
    rows = [json.loads(line) for line in old.read_text().splitlines()]
    dearer = [
        {**row, "call_id": f"new {row['call_id']}", "input_tokens": row["input_tokens"] * 107 // 100} for row in rows
    ]
    (folder / "new.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in dearer))
    options = ("--format", "json", "--min-usd", "0", "--max-increase", "2")
    unpaired = said(costsim("check", "new.jsonl", "--against", "old.jsonl", *options), 0)
    assert {line["finding"] for line in unpaired["lines"]} == {"unproven"}
    paired = said(costsim("check", "new.jsonl", "--against", "old.jsonl", "--pair-by", "tag:test_id", *options), 1)
    assert {(line["test"], line["finding"]) for line in paired["lines"]} >= {("pairs", "regression")}


def test_a_baseline_keeps_pairs_and_no_text(costsim: Costsim, folder: Path) -> None:
    log(folder / "old.jsonl", calls=40, tests=True)
    assert costsim("baseline", "old.jsonl", "--pair-by", "tag:test_id").code == 0
    content = (folder / "costs.json").read_text()
    assert "case 1" not in content
    assert len(json.loads(content)["pairing"]["cases"]["search"]) == 40
    report = said(costsim("check", "old.jsonl", "--baseline", "costs.json", "--format", "json"), 0)
    assert {line["pairs"] for line in report["lines"]} == {40, 80}


@pytest.mark.usefixtures("baseline")
def test_new_and_vanished_routes_are_listed(costsim: Costsim, folder: Path) -> None:
    log(folder / "new.jsonl", seed=2, routes=("search", "digest"))
    report = said(check(costsim), 0)
    assert [(each["route"], each["calls"]) for each in report["new_routes"]] == [("digest", 200)]
    assert [each["route"] for each in report["vanished_routes"]] == ["support"]


def test_accepting_a_change_is_explicit_and_kept(costsim: Costsim, folder: Path, baseline: Path) -> None:
    log(folder / "new.jsonl", seed=2, input_of={"support": 5_300})
    assert check(costsim).code == 1
    assert costsim("baseline", "new.jsonl", "--out", "costs.json").code == 2
    assert costsim("baseline", "new.jsonl", "--out", "costs.json", "--accept").code == 2
    end = costsim("baseline", "new.jsonl", "--out", "costs.json", "--accept", "--reason", "longer prompts help")
    assert end.code == 0
    assert check(costsim).code == 0
    history = json.loads(baseline.read_text())["history"]
    assert [each["reason"] for each in history] == ["first baseline", "longer prompts help"]


def test_the_gate_proves_that_it_can_fail(costsim: Costsim) -> None:
    end = costsim("check", "--self-test")
    assert end.code == 0
    assert "ok: `support` sends 30 % more input: fail" in end.out


POLICY = "version: 1\nname: p\nrules:\n  - name: all\n    route: {{model: {model}}}\n"


def test_a_policy_is_compared_with_the_one_of_another_commit(costsim: Costsim, folder: Path) -> None:
    log(folder / "new.jsonl", calls=20)
    (folder / "tiers.yaml").write_text(POLICY.format(model="gpt-5.4-mini"))
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "tiers.yaml"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], cwd=folder, check=True, capture_output=True)
    run = ("check", "new.jsonl", "--policy", "tiers.yaml", "--format", "json")
    assert said(costsim(*run, "--against-ref", "HEAD"), 0)["change_usd"] == "0"
    (folder / "tiers.yaml").write_text(POLICY.format(model="gpt-5.5"))
    report = said(costsim(*run, "--against-ref", "HEAD"), 1)
    assert [part["part"] for part in report["parts"]] == ["routing"]
    assert costsim(*run, "--against-ref", "nowhere").code == 2
    (folder / "new.yaml").write_text(POLICY.format(model="gpt-5.5"))
    assert costsim("check", "new.jsonl", "--policy", "new.yaml", "--against-ref", "HEAD").code == 3


def test_policies_and_prices_add_up_to_the_change_and_agree_with_simulate(costsim: Costsim, folder: Path) -> None:
    log(folder / "new.jsonl", calls=20)
    (folder / "old.yaml").write_text(POLICY.format(model="gpt-5.4"))
    (folder / "new.yaml").write_text(POLICY.format(model="gpt-5.5"))
    (folder / "mine.yaml").write_text(OWN_PRICES.replace("local", "openai").replace("my-model", "gpt-5.5"))
    (folder / "none.yaml").write_text(OWN_PRICES)
    report = said(costsim("check", "new.jsonl", "--policy", "new.yaml", "--against-policy", "old.yaml", "--prices",
                          "mine.yaml", "--against-prices", "none.yaml", "--format", "json"), 0)  # fmt: skip
    parts = {part["part"]: Decimal(part["change_usd"]) for part in report["parts"]}
    assert parts["routing"] > 0 > parts["prices"]
    assert sum(parts.values()) == Decimal(report["change_usd"])
    simulated = costsim("simulate", "new.jsonl", "--policy", "old.yaml", "--no-controls", "--format", "json")
    assert json.loads(simulated.out)["policies"][0]["cost_usd"] == report["before"]["cost_usd"]


@pytest.mark.usefixtures("baseline")
def test_every_format_tells_of_a_regression(costsim: Costsim, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log(folder / "new.jsonl", seed=2, input_of={"support": 5_300})
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
    out = {
        name: costsim("check", "new.jsonl", "--baseline", "costs.json", "--format", name)
        for name in ("table", "markdown", "github", "gitlab", "junit", "sarif")
    }
    assert {end.code for end in out.values()} == {1}
    assert out["table"].out.startswith("fails: +$")
    assert out["markdown"].out.startswith("<!-- costsim-check -->\n\n### costsim fails: +$")
    assert "| `support` |" in out["markdown"].out
    assert (folder / "summary.md").read_text() == out["markdown"].out
    assert "::error title=costsim cost-regression::route 'support' costs +" in out["github"].out
    (issue, *_) = json.loads(out["gitlab"].out)
    assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
    suite = ElementTree.fromstring(out["junit"].out)[0]
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure")) > 0
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
    (run,) = json.loads(out["sarif"].out)["runs"]
    assert {result["ruleId"] for result in run["results"]} == {"cost-regression"}
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} >= {result["ruleId"] for result in run["results"]}


@pytest.mark.usefixtures("baseline")
def test_the_parts_are_named_in_the_order_in_which_they_are_taken_out(costsim: Costsim, folder: Path) -> None:
    log(folder / "new.jsonl", seed=2, calls=300, input_of={"support": 5_300}, output=500)
    parts = [part["part"] for part in said(check(costsim), 1)["parts"]]
    assert parts == [part for part in ORDER if part in parts]
