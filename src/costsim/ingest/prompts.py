"""What is kept of a prompt when its text is dropped: running hashes, lengths by kind, and the two texts that tell the task."""

from dataclasses import dataclass, field

from xxhash import xxh3_64_intdigest

from costsim.schema import Call

MOST_PREFIXES = 64
"""Prefixes kept of one prompt: the first ones, which other conversations share, and the last, which the next turn shares."""
_FIRST = 8
_MASK = (1 << 64) - 1
_SEEDS = {"system": 0x5E, "user": 0x05E4, "assistant": 0xA551, "tool": 0x7001}
_OTHER = 0x07E4


@dataclass(slots=True)
class Prompt:
    """One prompt without its text, but for the two that the classifier still has to see."""

    hashes: list[int] = field(default_factory=list)
    """The running hash after each message; the last one stands for the whole prompt."""
    marks: list[int] = field(default_factory=list)
    """Characters up to the end of the same messages, tool definitions first."""
    by_kind: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Characters of system text, history, the last user message, and tools (definitions and results)."""
    characters: int = 0
    turns: int = 0
    system: str = ""
    user: str = ""


def digest(call: Call) -> Prompt:
    """Return what the rest of costsim needs to know of the call's prompt; empty where the log holds no text."""
    messages = call.messages
    if not messages:
        return Prompt()
    hashes: list[int] = []
    marks: list[int] = []
    system, user, turns = "", "", 0
    total = call.tool_definitions
    running = total
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
    tools = tool_length + call.tool_definitions
    history = total - system_length - user_length - tools
    if len(hashes) > MOST_PREFIXES:
        hashes = hashes[:_FIRST] + hashes[_FIRST - MOST_PREFIXES :]
        marks = marks[:_FIRST] + marks[_FIRST - MOST_PREFIXES :]
    return Prompt(hashes, marks, (system_length, history, user_length, tools), total, turns, system, user)
