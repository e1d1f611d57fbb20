"""Guesses about texts, a line each and in the order of the texts: what `costsim tasks classify` prints."""

import csv
import io
from collections.abc import Callable, Iterable

import msgspec


class TaskLine(msgspec.Struct, frozen=True):
    """What a text is for and how hard it looks; everything but `id` is None where a line could not be read."""

    id: str | int
    task: str | None = None
    confidence: float | None = None
    complexity: str | None = None
    complexity_score: float | None = None


def as_jsonl(lines: Iterable[TaskLine]) -> str:
    """Return a JSON object a line."""
    return "".join(f"{msgspec.json.encode(line).decode()}\n" for line in lines)


def as_csv(lines: Iterable[TaskLine]) -> str:
    """Return a row a line, without a header; an empty cell is 'not known'."""
    text = io.StringIO()
    rows = (msgspec.structs.astuple(line) for line in lines)
    csv.writer(text, lineterminator="\n").writerows(["" if cell is None else cell for cell in row] for row in rows)
    return text.getvalue()


SHAPES: dict[str, Callable[[Iterable[TaskLine]], str]] = {"jsonl": as_jsonl, "csv": as_csv}
"""What `costsim tasks classify --format` names."""

HEADS = {"jsonl": "", "csv": ",".join(TaskLine.__struct_fields__) + "\n"}
"""What comes before the first line."""
