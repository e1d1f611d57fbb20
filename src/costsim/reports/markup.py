"""Markdown from texts of a log: nothing in them is taken for markup, and nobody is notified."""

import re
from collections.abc import Sequence

_CODE = re.compile(r"(`[^`]*`)")
_SPECIAL = re.compile(r"([\\|<>*_~\[\]#&])")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, left: int, right: int | None = None) -> str:
    """Return a table: `left` columns of words, then `right` (None: all others) of numbers, the rest words again."""
    numbers_of = len(head) - left if right is None else right
    rules = ["---"] * left + ["--:"] * numbers_of + ["---"] * (len(head) - left - numbers_of)
    return "\n".join(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in (head, rules, *rows))


def key(text: str) -> str:
    """Return a name as code, whatever is in it; what stands for a missing name is left as words."""
    if text.startswith("(") and text.endswith(")"):
        return text
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}".replace("|", "\\|")


def prose(text: str) -> str:
    """Return a sentence in which nothing is taken for markup but `code`, and nobody is notified."""
    parts = _CODE.split(text)
    return "".join(
        part.replace("|", "\\|") if place % 2 else _SPECIAL.sub(r"\\\1", part).replace("@", "@<!-- -->")
        for place, part in enumerate(parts)
    )
