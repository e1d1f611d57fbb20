"""The recipes of the README for continuous integration: each is run, or held against what its reader expects."""

import gzip
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cli.conftest import Costsim
from tests.cli.gate_logs import log

from costsim.app import config
from costsim.cli.check import check
from costsim.summary.gate import limits

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())


SUITE = """
import os
import pytest

@pytest.mark.parametrize("number", range(35))
def test_call(record, number):
    tokens = int((1000 + 50 * number) * float(os.environ["LONGER"]))
    sent = {"model": "gpt-5.5", "messages": [{"role": "user", "content": f"question {number}"}]}
    answered = {
        "id": f"c{number}", "object": "chat.completion", "created": 1790812800, "model": "gpt-5.5",
        "choices": [{"message": {"role": "assistant", "content": "yes"}}],
        "usage": {"prompt_tokens": tokens, "completion_tokens": 9},
    }
    record(sent, answered)
"""


def snippet(first_line: str, language: str = "yaml") -> str:
    """The fence of the README that begins with a line."""
    (found,) = re.findall(rf"```{language}\n({re.escape(first_line)}\n.*?)```", README, re.DOTALL)
    return str(found)


@pytest.fixture
def project(costsim: Costsim, folder: Path) -> Path:
    """A folder with a baseline, a dearer log, and costsim as a command."""
    log(folder / "old.jsonl", calls=60)
    log(folder / "llm_calls.jsonl", calls=60, seed=2, input_of={"support": 6_000})
    (folder / "bin").mkdir()
    command = folder / "bin" / "costsim"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m costsim "$@"\n')
    command.chmod(0o755)
    assert costsim("baseline", "old.jsonl", "--out", "costs.json").code == 0
    return folder


def run(script: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    whole = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "src"), **env}
    return subprocess.run(["bash", "-ec", script], cwd=folder, env=whole, capture_output=True, text=True, check=False)


def options_of_check() -> set[str]:
    """Every option that `costsim check` has."""
    import typer

    app = typer.Typer()
    app.command()(check)
    return {name for option in typer.main.get_command(app).params for name in option.opts}


@pytest.mark.skipif(os.name == "nt", reason="runs bash")
def test_the_action_fails_the_job_and_writes_summary_and_comment(project: Path) -> None:
    (step,) = [step for step in ACTION["runs"]["steps"] if step.get("id") == "check"]
    files = {name: str(project / name) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    done = run(step["run"], project, LOGS="llm_calls.js*", BASELINE="costs.json", OPTIONS="--max-increase 3",
               RUNNER_TEMP=str(project), **files)  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "::error title=costsim cost-regression::route 'support'" in done.stdout
    comment = (project / "costsim.md").read_text()
    assert comment.startswith("<!-- costsim-check -->\n\n### costsim fails")
    assert (project / "GITHUB_STEP_SUMMARY").read_text() == comment
    assert (project / "GITHUB_OUTPUT").read_text() == "exit-code=1\n"


def test_the_action_is_a_composite_one_and_the_readme_uses_its_inputs() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert all({"name", "shell", "run"} <= set(step) for step in ACTION["runs"]["steps"])
    workflow = yaml.safe_load(snippet("# .github/workflows/costs.yml"))
    (step,) = [step for step in workflow["jobs"]["costs"]["steps"] if "costsim" in step.get("uses", "")]
    assert set(step["with"]) <= set(ACTION["inputs"])
    assert {name for name, asked in ACTION["inputs"].items() if asked.get("required")} <= set(step["with"])
    assert 'startswith("<!-- costsim-check -->")' in str(ACTION["runs"]["steps"][-1]["run"])


@pytest.mark.skipif(os.name == "nt", reason="runs bash")
def test_the_gitlab_job_writes_its_report_and_fails(project: Path) -> None:
    job: dict[str, Any] = yaml.safe_load(snippet("# .gitlab-ci.yml"))["costs"]
    done = run(job["script"][-1], project)
    assert done.returncode == 1, done.stderr
    (first, *_) = json.loads((project / job["artifacts"]["reports"]["codequality"]).read_text())
    assert first["severity"] in ("info", "minor", "major", "critical", "blocker")


def test_the_hooks_name_commands_and_options_that_there_are() -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert all({"id", "name", "entry", "language"} <= set(hook) for hook in hooks.values())
    (repo,) = yaml.safe_load(snippet("# .pre-commit-config.yaml"))["repos"]
    for used in repo["hooks"]:
        assert hooks[used["id"]]["entry"] == "costsim check"
        assert {each for each in used["args"] if each.startswith("--")} <= options_of_check()
    assert re.search(hooks["costsim-policy"]["files"], "config/tiers.yaml")


@pytest.mark.skipif(os.name == "nt", reason="runs bash")
def test_a_test_suite_records_its_calls_and_is_compared_test_by_test(costsim: Costsim, project: Path) -> None:
    (project / "conftest.py").write_text(snippet("# conftest.py", "python"))
    (project / "test_calls.py").write_text(SUITE)
    pytest_run = (
        f"rm -f llm_calls.jsonl && {shlex.quote(sys.executable)} -m pytest -q -p no:cacheprovider test_calls.py"
    )
    assert run(pytest_run, project, LONGER="1").returncode == 0
    assert costsim("baseline", "llm_calls.jsonl", "--out", "cases.json", "--pair-by", "tag:test_id").code == 0
    assert costsim("check", "llm_calls.jsonl", "--baseline", "cases.json").code == 0
    assert run(pytest_run, project, LONGER="1.1").returncode == 0
    end = costsim("check", "llm_calls.jsonl", "--baseline", "cases.json", "--format", "json")
    assert end.code == 1, end.err
    assert json.loads(end.out)["lines"][0]["pairs"] == 35


def test_the_settings_of_the_readme_are_all_there_are(tmp_path: Path) -> None:
    text = snippet("logs: llm_calls.jsonl           # or a list of files, folders, globs")
    (tmp_path / "costsim.yaml").write_text(text)
    said = config.read(tmp_path / "costsim.yaml")
    held = said.check
    assert said.logs == [str(tmp_path / "llm_calls.jsonl")]
    assert set(yaml.safe_load(text)) == set(config.Config.__struct_fields__)
    assert set(yaml.safe_load(text)["check"]) == set(limits.Limits.__struct_fields__)
    assert (held.alpha, held.of("ticket-triage")) == (0.05, (2, 20, "fail"))


def test_what_the_readme_shows_of_a_longer_prompt_is_what_comes_out(
    costsim: Costsim, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log of the sample, in which one route has been told to cite everything, in many words."""
    monkeypatch.setenv("COLUMNS", "100")
    sample, grown = ROOT / "sample_logs" / "support_assistant.jsonl.gz", folder / "grown.jsonl"
    with gzip.open(sample, "rt", encoding="utf-8") as lines:
        grown.write_text("".join(map(longer, lines)), encoding="utf-8")
    assert costsim("baseline", sample, "--out", "sample.json").code == 0
    done = costsim("check", grown, "--baseline", "sample.json")
    shown = re.search(r"```text\n(fails: .*?)```", README, re.DOTALL)
    assert shown is not None
    assert done.code == 1
    assert [line for line in shown[1].splitlines() if line not in [*done.out.splitlines(), "..."]] == []


def longer(line: str) -> str:
    """A line of the log, with a longer system prompt and the tokens of it on one route."""
    try:
        call = json.loads(line)
    except ValueError:  # the sample has broken lines on purpose
        return line
    if not isinstance(call, dict) or call.get("route") != "help-center-answer":
        return line
    call["request"]["messages"][0]["content"] += " Cite the paragraph that each sentence of your answer rests on." * 134
    if usage := (call.get("response") or {}).get("usage"):
        usage["prompt_tokens"] += 1611
    return json.dumps(call, ensure_ascii=False) + "\n"
