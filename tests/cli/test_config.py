"""What a project says once in costsim.yaml or pyproject.toml: which logs are meant, and when a change fails."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Costsim
from tests.cli.gate_logs import log

NAMED = {
    "costsim.yaml": "logs: logs/*.jsonl\ncheck: {min_calls: 10, budgets: [{per: month, usd: 0.01}]}\n",
    "pyproject.toml": """
[project]
name = "x"
[tool.costsim]
logs = ["logs/a.jsonl", "logs/b.jsonl"]
check = {min_calls = 10, budgets = [{per = "month", usd = 0.01}]}
""",
}
POLICY = "version: 1\nname: p\nrules:\n  - name: all\n    route: {model: gpt-5.4-mini}\n"


@pytest.fixture
def logs(folder: Path) -> Path:
    """Two logs of 40 calls each."""
    (folder / "logs").mkdir()
    for seed, name in enumerate(("a", "b")):
        log(folder / "logs" / f"{name}.jsonl", seed=seed, calls=20)
    return folder


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.usefixtures("logs")
def test_commands_read_the_logs_that_the_project_names(costsim: Costsim, folder: Path, name: str) -> None:
    (folder / name).write_text(NAMED[name])
    (folder / "p.yaml").write_text(POLICY)
    assert costsim("baseline").code == 0
    checked = costsim("check", "--baseline", "costs.json", "--format", "json")
    report = json.loads(checked.out)
    assert (checked.code, report["now"]["calls"], report["limits"]["min_calls"]) == (1, 80, 10)
    assert [line["exceeded"] for line in report["budgets"]] == [True]
    simulated = costsim("simulate", "--policy", "p.yaml", "--format", "json")
    assert json.loads(simulated.out)["baseline"]["calls"] == 80
    assert costsim("explain", "1-search-3").code == 0


@pytest.mark.usefixtures("logs")
def test_logs_and_flags_of_the_command_line_win(costsim: Costsim, folder: Path) -> None:
    (folder / "costsim.yaml").write_text(NAMED["costsim.yaml"])
    ended = costsim("check", "logs/a.jsonl", "--against", "logs/a.jsonl", "--min-calls", "5", "--format", "json")
    report = json.loads(ended.out)
    assert (report["now"]["calls"], report["limits"]["min_calls"]) == (40, 5)


@pytest.mark.usefixtures("logs")
def test_places_are_seen_from_the_file_that_names_them(costsim: Costsim, folder: Path) -> None:
    (folder / "ci").mkdir()
    (folder / "ci" / "gate.yaml").write_text("logs: [../logs/a.jsonl]\n")
    ended = costsim("check", "--config", "ci/gate.yaml", "--budget", "month=5", "--format", "json")
    assert json.loads(ended.out)["now"]["calls"] == 40


@pytest.mark.usefixtures("logs")
def test_yaml_comes_before_a_project_file_and_one_without_a_table_says_nothing(costsim: Costsim, folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert costsim("check", "--budget", "month=5").said == [
        "no logs named, and none were read here before (costsim audit LOGS...)"
    ]
    (folder / "pyproject.toml").write_text("[tool.costsim]\nlogs = 'nowhere.jsonl'\n")
    assert costsim("check", "--budget", "month=5").code == 4
    (folder / "costsim.yaml").write_text("logs: logs/a.jsonl\n")
    assert costsim("check", "--budget", "month=5").code == 0


MISTAKES = {
    "costsim.yaml": [
        ("log: a.jsonl\n", "costsim.yaml:1: unknown key 'log' (did you mean 'logs'?)"),
        ("check:\n  levl: warn\n", "costsim.yaml:2: unknown key 'levl' (did you mean 'level'?)"),
        ("check:\n  alpha: 2\n", "costsim.yaml:2: check.alpha: expected `float` < 1.0"),
        ("- logs\n", "costsim.yaml:1: expected `object`, got `array`"),
        ("logs: [a\n", "costsim.yaml:2: did not find expected ',' or ']'"),
    ],
    "pyproject.toml": [
        ("[tool.costsim]\nlog = 'a'\n", "pyproject.toml [tool.costsim]: unknown key 'log' (did you mean 'logs'?)"),
        (
            "[tool.costsim.check]\nlevel = 'loud'\n",
            "pyproject.toml [tool.costsim]: check.level: unknown value 'loud' (known: fail, off, warn)",
        ),
        ("[tool.costsim\n", "pyproject.toml: is not TOML: "),
    ],
}


@pytest.mark.parametrize(("name", "text", "words"), [(name, *each) for name, all in MISTAKES.items() for each in all])
@pytest.mark.usefixtures("logs")
def test_a_mistake_in_it_is_one_line_before_a_log_is_read(
    costsim: Costsim, folder: Path, name: str, text: str, words: str
) -> None:
    (folder / name).write_text(text)
    for command in (["check", "--budget", "month=5"], ["simulate", "--policy", "three-tier"], ["explain", "x"]):
        ended = costsim(*command)
        assert (ended.code, len(ended.said)) == (2, 1), ended.err
        assert ended.said[0].startswith(words)
