"""What a request looks like from outside: the facts of signals.yaml, found by lengths, counts and single characters."""

from costsim.tasks.labels import Shape

BRIEF, LONG, VERY_LONG = 60, 800, 3000
TINY, MUCH = 8, 400
"""Tokens of an answer that is only a label, and of one that is a piece of work."""


def facts_of_text(user: str, read: bytes) -> list[str]:
    """Return the facts of a user's message; `read` is the normalised part of it that the signals are searched in."""
    facts = []
    size = len(user)
    if size <= BRIEF:
        facts.append("brief")
    elif size > LONG:
        facts.append("long")
        if size > VERY_LONG:
            facts.append("very_long")
    end = read[-12:].rstrip()[-1:]
    if end == b"?":
        facts.append("asks_at_end")
    elif end == b":":
        facts.append("blank_at_end")
    if numbers := read.count(b" 0") + read.count(b"$0"):
        facts.append("many_numbers" if numbers > 2 and size < 60 * numbers else "some_numbers")
    if read.count(b";") + read.count(b"=") + read.count(b"{") > 4 + len(read) // 80:
        facts.append("code_marks")
    if not read.isascii() and len(read) - 5 > 1.25 * min(size, 551):
        facts.append("foreign")
    return facts


def facts_of_shape(shape: Shape) -> list[str]:
    """Return the facts of a request's and its answer's shape."""
    facts = []
    if shape.has_tools:
        facts.append("offers_tools")
    if shape.called_tools:
        facts.append("calls_tools")
    if shape.wants_json:
        facts.append("wants_json")
    if shape.turns >= 5:
        facts.append("conversation")
    out, limit = shape.output_tokens, shape.max_output_tokens
    if (out is not None and out <= TINY) or (limit is not None and limit <= TINY):
        facts.append("tiny_answer")
    elif out is not None:
        facts += _facts_of_size(out, shape.input_tokens)
    return facts


def _facts_of_size(out: int, read: int | None) -> list[str]:
    facts = ["long_answer"] if out >= MUCH else []
    if read is None or read < 20:
        return facts
    if read > 300 and 30 < out * 10 <= read * 10 and out * 10 <= read:
        facts.append("condenses")
    elif read > 100 and 0.7 < out / read < 1.4:
        facts.append("same_size")
    elif out >= 3 * read:
        facts.append("expands")
    return facts
