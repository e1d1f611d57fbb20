"""Where coding agents keep their logs in a user's home."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec


class Agent(msgspec.Struct, frozen=True):
    """One tool: the folders that may be its own, and where its logs lie inside them."""

    name: str
    homes: tuple[str, ...]
    """Folders under the user's home; `XDG_DATA/` and `XDG_CONFIG/` stand for what those variables say."""
    inside: tuple[str, ...]
    """Folders, files or patterns of them."""
    variable: str | None = None
    """What moves the tool's folder elsewhere; several, parted by commas, where the tool allows that."""


AGENTS = (
    Agent("Claude Code", (".claude", "XDG_CONFIG/claude"), ("projects",), "CLAUDE_CONFIG_DIR"),
    Agent("Codex", (".codex",), ("sessions", "archived_sessions"), "CODEX_HOME"),
    Agent("Gemini CLI", (".gemini",), ("tmp/*/chats",)),
    Agent("Qwen Code", (".qwen",), ("projects/*/chats", "tmp/*/chats")),
    Agent("OpenCode", ("XDG_DATA/opencode",), ("storage/message", "opencode*.db"), "OPENCODE_DATA_DIR"),
    Agent("Copilot CLI", (".copilot",), ("session-state", "history-session-state"), "COPILOT_HOME"),
    Agent("Kimi CLI", (".kimi",), ("sessions/**/wire.jsonl",)),
    Agent("Kimi Code", (".kimi-code",), ("sessions/**/wire.jsonl",), "KIMI_CODE_HOME"),
    Agent("Pi", (".pi/agent",), ("sessions",), "PI_CODING_AGENT_DIR"),
    Agent("OpenClaw", (".openclaw",), ("agents/*/sessions",)),
    Agent("Droid", (".factory",), ("sessions",)),
)
"""The tools that are known; to add one, say where its logs lie."""

_XDG = {"XDG_DATA": ("XDG_DATA_HOME", ".local/share"), "XDG_CONFIG": ("XDG_CONFIG_HOME", ".config")}


def places(home: Path | None = None, environment: Mapping[str, str] = os.environ) -> dict[str, list[Path]]:
    """Return the files and folders with logs that are there, by agent; no agent without any."""
    found = {agent.name: list(_of(agent, home or Path.home(), environment)) for agent in AGENTS}
    return {name: paths for name, paths in found.items() if paths}


def looked_at() -> str:
    """Return the usual places in words, for whoever has no logs there."""
    return ", ".join(f"~/{agent.homes[0]}".replace("~/XDG_DATA", "~/.local/share") for agent in AGENTS)


def _of(agent: Agent, home: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    for folder in _homes(agent, home, environment):
        for pattern in agent.inside:
            yield from sorted(folder.glob(pattern))


def _homes(agent: Agent, home: Path, environment: Mapping[str, str]) -> list[Path]:
    if agent.variable and (moved := environment.get(agent.variable, "").strip()):
        return [Path(each.strip()).expanduser() for each in moved.split(",") if each.strip()]
    found = []
    for name in agent.homes:
        root, _, rest = name.partition("/")
        variable, usual = _XDG.get(root, ("", ""))
        base = Path(environment.get(variable) or home / usual) / rest if usual else home / name
        found.append(base)
    return found
