"""`--agents` finds what coding agents left in the home folder; `formats detect` says what a file is, and why."""

import gzip
import json
from pathlib import Path

import pytest
from tests.cli.conftest import Costsim

SAMPLES = Path(__file__).parents[2] / "sample_logs" / "formats"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of a user without any agent."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "OPENCODE_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    return home


def link(at: Path, sample: str) -> None:
    at.parent.mkdir(parents=True, exist_ok=True)
    at.symlink_to(SAMPLES / sample)


def test_agents_are_found_in_their_usual_places_and_it_is_said_where(costsim: Costsim, home: Path) -> None:
    link(home / ".claude/projects/shop", "claude-code/a1b2")
    link(home / ".codex/sessions", "codex/2026")
    (home / ".claude/projects/notes.md").write_text("# no log\n")
    ended = costsim("audit", "--agents", "--by", "model", "--format", "json")
    assert ended.code == 0
    assert ended.said[0] == "reading the logs of Claude Code (~/.claude/projects), Codex (~/.codex/sessions)"
    assert {each["format"] for each in json.loads(ended.out)["coverage"]["sources"]} == {"claude-code", "codex"}


def test_a_file_of_two_formats_is_said_to_hold_both(costsim: Costsim, home: Path) -> None:
    logs = [(SAMPLES / name / "log.jsonl").read_text().splitlines()[0] for name in ("openai-chat", "gemini")]
    (home / "log.jsonl").write_text("\n".join(logs))
    assert "2 calls in 2 lines of 1 file (gemini, openai-chat)." in costsim("audit", str(home / "log.jsonl")).out
    (source,) = json.loads(costsim("audit", str(home / "log.jsonl"), "--format", "json").out)["coverage"]["sources"]
    assert (source["format"], source["other_formats"]) == ("openai-chat", ["gemini"])


@pytest.mark.usefixtures("home")
def test_an_agent_may_have_moved_its_logs(costsim: Costsim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link(tmp_path / "one/projects/shop", "claude-code/a1b2")
    link(tmp_path / "data/opencode/storage/message", "opencode/message")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{tmp_path / 'one'},{tmp_path / 'two'}")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    ended = costsim("ingest", "--agents", "--out", "calls.jsonl")
    assert ended.code == 0
    calls = [json.loads(line) for line in Path("calls.jsonl").read_text().splitlines()]
    assert {call["source"] for call in calls} == {"claude-code", "opencode"}


@pytest.mark.usefixtures("home")
def test_no_agent_anywhere_is_said_in_one_line(costsim: Costsim) -> None:
    ended = costsim("audit", "--agents")
    assert ended.code == 4
    assert ended.said[0].startswith("--agents: no agent has logs in the usual places (~/.claude, ~/.codex")
    assert costsim("ingest", "--out", "calls.csv").code == 2


def test_detect_names_the_format_its_container_and_how_many_records_claim_it(costsim: Costsim, folder: Path) -> None:
    packed = folder / "session.gz"
    packed.write_bytes(gzip.compress((SAMPLES / "codex/exec.jsonl").read_bytes()))
    ended = costsim("formats", "detect", packed, SAMPLES / "llm/logs.db")
    assert ended.code == 0
    assert f"{packed}: packed with gz; JSON Lines" in ended.out
    assert "codex: 4 of the first 4 records" in ended.out
    assert "is read as codex" in ended.out
    assert "an SQLite database" in ended.out
    assert "is read as llm" in ended.out


def test_detect_says_why_a_file_is_not_read(costsim: Costsim, folder: Path) -> None:
    (folder / "odd.jsonl").write_text('{"colour": "red"}\n')
    codex_and_claude = {"type": "event_msg", "payload": {}, "sessionId": "s", "userType": "external"}
    (folder / "both.jsonl").write_text(json.dumps(codex_and_claude) + "\n")
    ended = costsim("formats", "detect", "odd.jsonl", "both.jsonl")
    assert ended.code == 0
    assert "its first record has: colour" in ended.out
    assert "both claude-code and codex claim it (choose one with --log-format)" in ended.out
    assert costsim("audit", "both.jsonl").code == 4
    assert costsim("audit", "both.jsonl", "--log-format", "codex").code == 3
    assert costsim("formats", "detect", "nowhere.jsonl").code == 4
