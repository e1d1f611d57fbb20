"""What is kept of a prompt when its text is dropped: running hashes, and lengths by kind."""

from collections.abc import Sequence
from typing import NamedTuple

from xxhash import xxh3_64_intdigest

from costsim.schema import Message

MOST_PREFIXES = 64
"""Prefixes kept of one prompt: the first ones, which other conversations share, and the last, which the next turn shares."""
_FIRST = 8
_MASK = (1 << 64) - 1
_SEEDS = {"system": 0x5E, "user": 0x05E4, "assistant": 0xA551, "tool": 0x7001}
_OTHER = 0x07E4


class Prompt(NamedTuple):
    """One prompt without its text."""

    hashes: Sequence[int]
    """The running hash after each message; the last one stands for the whole prompt."""
    marks: Sequence[int]
    """Characters up to the end of the same messages, tool definitions first."""
    by_kind: tuple[int, int, int, int]
    """Characters of system text, history, the last user message, and tools (definitions and results)."""
    characters: int
    turns: int


NO_PROMPT = (Prompt((), (), (0, 0, 0, 0), 0, 0), "", "")
"""What `digest` would say of a call whose log holds no text."""


def digest(messages: Sequence[Message], tool_definitions: int) -> tuple[Prompt, str, str]:
    """Return the prompt without its text, and the two texts that tell the task: the system's and the last user message."""
    hashes: list[int] = []
    marks: list[int] = []
    system, user, turns = "", "", 0
    total = running = tool_definitions
    system_length = tool_length = user_length = 0
    for role, text in messages:
        running = xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"), (running + _SEEDS.get(role, _OTHER)) & _MASK)
        size = len(text)
        total += size
        hashes.append(running)
        marks.append(total)
        if role == "user":
            user, user_length = text, size
            turns += 1
        elif role == "system":
            system = text if not system else f"{system}\n{text}"
            system_length += size
        elif role == "tool":
            tool_length += size
    tools = tool_length + tool_definitions
    history = total - system_length - user_length - tools
    if len(hashes) > MOST_PREFIXES:
        hashes = hashes[:_FIRST] + hashes[_FIRST - MOST_PREFIXES :]
        marks = marks[:_FIRST] + marks[_FIRST - MOST_PREFIXES :]
    return Prompt(hashes, marks, (system_length, history, user_length, tools), total, turns), system, user
