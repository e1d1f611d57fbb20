"""On real logs, an independent few lines of plain JSON arithmetic find the same calls and the same tokens by
model.
"""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from costsim.formats import FORMATS, detect
from costsim.schema import Call

Sums = dict[str | None, Counter[str]]
SharedFile = Callable[[str], Path]


def records(path: Path) -> Iterator[tuple[bytes, dict[str, Any]]]:
    for line in path.read_bytes().splitlines():
        yield line, json.loads(line)


def as_read(name: str, path: Path) -> Sums:
    found: Sums = defaultdict(Counter)
    for line, record in records(path):
        claimed = detect(record, path.name)
        assert claimed is not None
        assert name == claimed.NAME
        for call in FORMATS[name].read(line):
            found[call.model].update(_counts(call))
    return found


def _counts(call: Call) -> Counter[str]:
    return Counter(
        calls=1,
        input=call.input_tokens or 0,
        read=call.cache_read_tokens or 0,
        written=call.cache_write_tokens or 0,
        output=call.output_tokens or 0,
        reasoning=call.reasoning_tokens or 0,
    )


def payloads(text: str) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in text.splitlines() if line.strip().startswith("data: {")]


def openai_by_hand(path: Path) -> Sums:
    sums: Sums = defaultdict(Counter)
    for _, record in records(path):
        answers = [record["response"]] if record["response"] else payloads((record.get("response_text") or "").strip())
        if not answers:
            continue
        usage: dict[str, Any] = next((each["usage"] for each in reversed(answers) if each.get("usage")), {})
        model = next((each["model"] for each in answers if each.get("model")), record["request"].get("model"))
        details = usage.get("prompt_tokens_details") or {}
        sums[model].update(
            calls=1,
            input=usage.get("prompt_tokens", 0),
            read=details.get("cached_tokens") or 0,
            written=details.get("cache_write_tokens") or 0,
            output=usage.get("completion_tokens", 0),
            reasoning=(usage.get("completion_tokens_details") or {}).get("reasoning_tokens") or 0,
        )
    return sums


def anthropic_by_hand(path: Path) -> Sums:
    sums: Sums = defaultdict(Counter)
    for _, record in records(path):
        request, answer = record["request"].get("body", record["request"]), record["response"] or {}
        text = record.get("response_text") or answer.get("body_raw")
        answer, usage = answer.get("body", answer), {}
        if text:
            events = payloads(text)
            answer = events[0]["message"]
            usage = answer["usage"]
            for event in events:
                usage.update({key: value for key, value in (event.get("usage") or {}).items() if value is not None})
        usage = usage or answer.get("usage") or {}
        parts = [usage] + [work for work in usage.get("iterations") or () if work["type"] == "advisor_message"]
        for part in parts:
            read, written = (
                part.get("cache_read_input_tokens") or 0,
                part.get("cache_creation_input_tokens") or 0,
            )
            sums[part.get("model") or answer.get("model") or request.get("model")].update(
                calls=1,
                input=part.get("input_tokens", 0) + read + written,
                read=read,
                written=written,
                output=part.get("output_tokens", 0),
                reasoning=(part.get("output_tokens_details") or {}).get("thinking_tokens") or 0,
            )
    return sums


def litellm_by_hand(path: Path) -> Sums:
    sums: Sums = defaultdict(Counter)
    for _, row in records(path):
        metadata = json.loads(row["metadata"]) if isinstance(row["metadata"], str) else row["metadata"]
        usage = metadata.get("usage_object") or {}
        details = usage.get("prompt_tokens_details") or {}
        priced = row.get("model_map_information") or metadata["model_map_information"]
        model = (priced["model_map_key"] or row["model"]).removeprefix("openai/")
        sums[model].update(
            calls=1,
            input=row["prompt_tokens"],
            read=details.get("cached_tokens") or 0,
            written=details.get("cache_creation_tokens") or details.get("cache_write_tokens") or 0,
            output=row["completion_tokens"],
            reasoning=(usage.get("completion_tokens_details") or {}).get("reasoning_tokens") or 0,
        )
    return sums


@pytest.mark.parametrize(
    ("file", "name", "by_hand"),
    [
        ("openai_chat/openai_chat_pairs.jsonl", "openai-chat", openai_by_hand),
        ("openai_chat/openai_completions_embeddings_pairs.jsonl", "openai-chat", openai_by_hand),
        ("anthropic/anthropic_messages_pairs.jsonl", "anthropic-messages", anthropic_by_hand),
        ("anthropic/claude_trace_test-traffic.jsonl", "anthropic-messages", anthropic_by_hand),
        ("litellm/standard_logging_payload.jsonl", "litellm", litellm_by_hand),
        ("litellm/standard_logging_payload_router_fallback.jsonl", "litellm", litellm_by_hand),
        ("litellm/spendlogs_rows.jsonl", "litellm", litellm_by_hand),
        ("litellm/spendlogs_router_fallback.jsonl", "litellm", litellm_by_hand),
    ],
)
def test_calls_and_tokens_by_model_are_those_of_the_raw_json(
    shared_file: SharedFile, file: str, name: str, by_hand: Callable[[Path], Sums]
) -> None:
    path = shared_file(f"logs/{file}")
    assert as_read(name, path) == by_hand(path)


@pytest.mark.parametrize(
    ("file", "tokens_in", "tokens_out"),
    [
        ("azure_llm_2023_code.csv", "ContextTokens", "GeneratedTokens"),
        ("azure_llm_2023_conv.csv", "ContextTokens", "GeneratedTokens"),
        ("vidur_splitwise_conv.csv", "num_prefill_tokens", "num_decode_tokens"),
    ],
)
def test_traces_without_a_model_are_read_by_the_names_of_their_columns(
    shared_file: SharedFile, file: str, tokens_in: str, tokens_out: str
) -> None:
    path = shared_file(f"traces/{file}")
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines)) if path.suffix == ".csv" else [json.loads(line) for line in lines]
    expected = Counter(
        calls=len(rows),
        input=sum(int(row[tokens_in]) for row in rows),
        output=sum(int(row[tokens_out]) for row in rows),
    )
    found: Counter[str] = Counter()
    for row in rows:
        for call in FORMATS["generic"].read(json.dumps(row).encode()):
            found.update(calls=1, input=call.input_tokens or 0, output=call.output_tokens or 0)
    assert detect(rows[0], file) is FORMATS["generic"]
    assert found == expected


def test_what_litellm_reports_as_cost_adds_up_to_the_last_digit(shared_file: SharedFile) -> None:
    path = shared_file("logs/litellm/standard_logging_payload.jsonl")
    costs = [call.reported_cost for line, _ in records(path) for call in FORMATS["litellm"].read(line)]
    expected = [
        round(row["response_cost"] * 1e12) if row["cost_breakdown"] or row["status"] == "failure" else None
        for _, row in records(path)
    ]
    assert costs == expected
    assert costs.count(None) == 3
