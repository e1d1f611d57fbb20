"""Logs of many formats in one folder, and line by line in one file, come to the calls that they come to apart."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import Log, Read

SAMPLES = Path(__file__).parents[2] / "sample_logs" / "formats"
BY_LINE = (
    "openai-chat", "openai-responses", "gemini", "bedrock", "bedrock-log", "cohere", "ollama", "vertex-log",
    "azure-log", "otel", "langsmith", "mlflow", "openrouter", "helicone", "portkey", "weave",
)  # fmt: skip
"""Formats whose samples hold a record a line, and of which each line stands for itself."""
COUNTS = ("model", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "status", "started_at")


def calls(log: Log) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(row[name] for name in COUNTS) for row in log.rows())


def test_a_folder_of_all_formats_is_the_sum_of_its_folders(read: Read) -> None:
    apart: Counter[tuple[Any, ...]] = Counter()
    for folder in sorted(SAMPLES.iterdir()):
        apart += calls(read(folder))
    together = read(SAMPLES)
    assert calls(together) == apart
    assert together.adds_up()


def test_a_file_of_many_formats_is_read_line_by_line(read: Read, tmp_path: Path) -> None:
    logs = [path for name in BY_LINE for path in sorted((SAMPLES / name).glob("*.jsonl"))]
    columns = [path.read_bytes().splitlines(keepends=True) for path in logs]
    mixed = [line for turn in range(max(map(len, columns))) for each in columns for line in each[turn : turn + 1]]
    (tmp_path / "mixed.jsonl").write_bytes(b"".join(mixed))
    apart: Counter[tuple[Any, ...]] = Counter()
    for path in logs:
        apart += calls(read(path))
    together = read(tmp_path / "mixed.jsonl")
    assert calls(together) == apart
    assert together.adds_up()


def test_a_file_names_every_format_in_which_calls_of_it_were_read(read: Read, tmp_path: Path) -> None:
    chat, message = ((SAMPLES / name / "log.jsonl").read_bytes().splitlines()[0] for name in ("openai-chat", "gemini"))
    for name, content in (("both", [chat, message]), ("late", [chat] * 3_000 + [message]), ("one", [chat, b"{}"])):
        (tmp_path / name).write_bytes(b"\n".join(content))
    sources = read(*(tmp_path / name for name in ("both", "late", "one"))).manifest.sources
    assert [(each.format, each.other_formats) for each in sources] == [
        ("openai-chat", ["gemini"]), ("openai-chat", ["gemini"]), ("openai-chat", [])]  # fmt: skip


LATER = ("openai-chat", "openai-responses", "gemini", "bedrock", "cohere", "ollama", "portkey")


def logs_of(name: str) -> list[Path]:
    return sorted((SAMPLES / name).glob("*.jsonl"))


@pytest.mark.parametrize("first", ["openai-chat", "openai-responses", "gemini", "cohere", "ollama"])
def test_another_format_is_told_wherever_it_begins_in_a_file(first: str, read: Read, tmp_path: Path) -> None:
    line = logs_of(first)[0].read_bytes().splitlines()[0].removesuffix(b"}")
    (tmp_path / "first.jsonl").write_bytes((line + b', "padding": "' + b"x" * 9000 + b'"}\n') * 40)
    logs = [tmp_path / "first.jsonl", *(path for name in LATER if name != first for path in logs_of(name))]
    apart: Counter[tuple[Any, ...]] = Counter()
    for path in logs:
        apart += calls(read(path))
    (tmp_path / "log.jsonl").write_bytes(b"".join(path.read_bytes() for path in logs))
    together = read(tmp_path / "log.jsonl")
    assert calls(together) == apart
    assert together.adds_up()
