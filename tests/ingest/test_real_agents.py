"""On real transcripts of agents, an independent few lines of plain JSON arithmetic find the same calls and tokens."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.ingest.conftest import Log, Read

SharedFile = Callable[[str], Path]
Sums = dict[str | None, Counter[str]]
COUNTS = {
    "input": "input_tokens",
    "read": "cache_read_tokens",
    "written": "cache_write_tokens",
    "output": "output_tokens",
    "reasoning": "reasoning_tokens",
}


def sums_of(log: Log) -> Sums:
    found: Sums = defaultdict(Counter)
    for batch in log.store.batches(["model", *COUNTS.values()]):
        for row in batch.to_pylist():
            found[row["model"]].update(calls=1, **{short: row[name] or 0 for short, name in COUNTS.items()})
    return found


def objects(path: Path) -> Iterator[dict[str, Any]]:
    """Every object of a file, also where two stand on one line."""
    decoder = json.JSONDecoder()
    for line in path.read_text(encoding="utf-8").split("\n"):
        at = 0
        while at < len(line):
            value, at = decoder.raw_decode(line, at)
            yield value


def claude_by_hand(folder: Path) -> Sums:
    best: dict[str, dict[str, Any]] = {}
    for path in folder.glob("*.jsonl"):
        for outer in objects(path):
            row = (outer.get("data") or {}).get("message") or {} if outer["type"] == "progress" else outer
            message = row.get("message") or {}
            if row.get("type") == "assistant" and message.get("usage") and message["model"] != "<synthetic>":
                known = best.get(message["id"])
                if known is None or message["usage"]["output_tokens"] >= known["usage"]["output_tokens"]:
                    best[message["id"]] = message
    sums: Sums = defaultdict(Counter)
    for message in best.values():
        usage = message["usage"]
        read, written = usage.get("cache_read_input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
        sums[message["model"]].update(
            calls=1,
            input=usage["input_tokens"] + read + written,
            read=read,
            written=written,
            output=usage["output_tokens"],
            reasoning=0,
        )
    return sums


def test_claude_code_counts_each_call_once_wherever_its_rows_stand(read: Read, shared_file: SharedFile) -> None:
    folder = shared_file("logs/claude_code/entire_MALFORMED_ee_cf21d297fe.jsonl").parent
    log = read(folder)
    assert sums_of(log) == claude_by_hand(folder)
    assert log.adds_up()
    assert {source.format for source in log.manifest.sources} == {"claude-code"}
    assert not log.rejects
    twice = read(folder, *folder.glob("entire_a*"))
    assert sums_of(twice) == sums_of(log)


def test_output_that_was_never_finally_logged_is_found_and_estimated(read: Read, shared_file: SharedFile) -> None:
    path = shared_file("logs/claude_code/entire_4de02c81-2bd4-4ea2-9370-f1f32de9248e.jsonl")
    as_logged, estimated = sums_of(read(path)), sums_of(read(path, estimate_unfinished=True))
    for model, logged in as_logged.items():
        assert estimated[model]["output"] > 3 * logged["output"]
        assert estimated[model]["input"] == logged["input"]
    bases = Counter(row["tokens_basis"] for row in read(path).rows())
    assert bases["partial"] > 100
