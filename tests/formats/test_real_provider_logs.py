"""On what providers' APIs really answered, a few lines of plain arithmetic find the same calls and tokens by model."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from costsim.formats import detect
from costsim.schema import Call

Record = dict[str, Any]
Used = tuple[str | None, int, int, int, int, int]
"""Model, input, cache reads, cache writes, output, reasoning; input and output include their parts."""
COMPATIBLE = (
    "cerebras.ai", "deepseek.com", "groq.com", "inference.crusoecloud.com", "localhost_8000", "mistral.ai",
    "router.huggingface.co", "together.ai", "together.xyz", "writer.com", "z.ai",
)  # fmt: skip
NAMES = ("input", "read", "written", "output", "reasoning")


def used(model: str | None, *counts: int | None) -> Used:
    five = (*(each or 0 for each in counts), 0, 0, 0, 0, 0)
    return model, five[0], five[1], five[2], five[3], five[4]


def events(text: str | None) -> list[Record]:
    lines = [line.strip() for line in (text or "").splitlines()]
    return [json.loads(line[5:]) for line in lines if line.startswith("data:") and line[5:].strip() != "[DONE]"]


def sums(found: Iterator[Used]) -> dict[str | None, Counter[str]]:
    total: dict[str | None, Counter[str]] = defaultdict(Counter)
    for model, *counts in found:
        total[model].update(calls=1, **dict(zip(NAMES, counts, strict=True)))
    return total


def as_read(path: Path) -> Iterator[Used]:
    for line in path.read_bytes().splitlines():
        claimed = detect(json.loads(line), path.name)
        for call in claimed.read(line) if claimed is not None else ():
            yield _used(call)


def _used(call: Call) -> Used:
    return used(
        call.model, call.input_tokens, call.cache_read_tokens, call.cache_write_tokens, call.output_tokens,
        call.reasoning_tokens,
    )  # fmt: skip


def responses(record: Record) -> Iterator[Used]:
    stream = [each["response"] for each in events(record.get("response_text")) if "response" in each]
    answer = record["response"] or stream[-1]
    usage = answer.get("usage") or {}
    inside, outcome = usage.get("input_tokens_details") or {}, usage.get("output_tokens_details") or {}
    yield used(
        answer.get("model") or record["request"]["model"], usage.get("input_tokens"), inside.get("cached_tokens"),
        inside.get("cache_write_tokens"), usage.get("output_tokens"), outcome.get("reasoning_tokens"),
    )  # fmt: skip


def chat(record: Record) -> Iterator[Used]:
    """Of dialects too: usage at the end of a stream or beside it, cached tokens under any of their names."""
    stream = events(record.get("response_text"))
    answers = [record["response"]] if record["response"] else stream
    usages = [each.get("usage") or (each.get("x_groq") or {}).get("usage") for each in answers]
    usage: Record = next((each for each in reversed(usages) if each), {})
    inside, outcome = usage.get("prompt_tokens_details") or {}, usage.get("completion_tokens_details") or {}
    read = inside.get("cached_tokens") or usage.get("prompt_cache_hit_tokens") or usage.get("num_cached_tokens")
    model = next((each["model"] for each in answers if each.get("model")), record["request"].get("model"))
    yield used(
        model, usage.get("prompt_tokens"), read, inside.get("cache_write_tokens"), usage.get("completion_tokens"),
        outcome.get("reasoning_tokens"),
    )  # fmt: skip


def cohere(record: Record) -> Iterator[Used]:
    if record["uri"].endswith("/tokenize"):
        return
    lines = (record.get("response_text") or "").splitlines()
    stream = [json.loads(line.removeprefix("data:")) for line in lines if "{" in line]
    ends = [each.get("response") or each.get("delta") or {} for each in stream]
    answer = record["response"] or next(each for each in ends if "usage" in each or "meta" in each)
    units = (answer.get("usage") or answer.get("meta") or {}).get("billed_units") or {}
    yield used(record["request"].get("model"), units.get("input_tokens"), 0, 0, units.get("output_tokens"))


def ollama(record: Record) -> Iterator[Used]:
    answer = record["response"] or json.loads(record["response_text"].splitlines()[-1])
    model = answer.get("model") or record["request"]["model"]
    yield used(model, answer.get("prompt_eval_count"), 0, 0, answer.get("eval_count"))


def openai(record: Record) -> Iterator[Used]:
    yield from responses(record) if record["uri"].partition("?")[0].endswith("/responses") else chat(record)


def gemini(record: Record) -> Iterator[Used]:
    answer = record["response"] or events(record.get("response_text"))
    last = answer[-1] if isinstance(answer, list) else answer
    usage = last.get("usageMetadata") or {}
    thought = usage.get("thoughtsTokenCount") or 0
    yield used(
        last.get("modelVersion") or record["uri"].partition("/models/")[2].partition(":")[0],
        (usage.get("promptTokenCount") or 0) + (usage.get("toolUsePromptTokenCount") or 0),
        usage.get("cachedContentTokenCount"), 0, (usage.get("candidatesTokenCount") or 0) + thought, thought,
    )  # fmt: skip


def bedrock(record: Record) -> Iterator[Used]:
    """Of Bedrock's own counts in headers and of the bodies' the same is true; every call has one or the other."""
    path, _, action = record["uri"].partition("/model/")[2].rpartition("/")
    if action not in ("converse", "invoke", "converse-stream", "invoke-with-response-stream"):
        return
    head, usage = record["response_headers"], (record["response"] or {}).get("usage") or {}
    of = [
        (f"{name}-token-count", names)
        for name, names in (
            ("input", ("inputTokens", "input_tokens")),
            ("cache-read-input", ("cacheReadInputTokens", "cache_read_input_tokens")),
            ("cache-write-input", ("cacheWriteInputTokens", "cache_creation_input_tokens")),
            ("output", ("outputTokens", "output_tokens")),
        )
    ]
    found = [
        int(head.get(f"x-amzn-bedrock-{header}") or next((usage[name] for name in names if name in usage), 0))
        for header, names in of
    ]
    yield used(unquote(path), sum(found[:3]), found[1], found[2], found[3])


def invocations(record: Record) -> Iterator[Used]:
    said, made = record["input"], record["output"]
    read, written = said.get("cacheReadInputTokenCount", 0), said.get("cacheWriteInputTokenCount", 0)
    fresh = said.get("inputTokenCount", 0)
    yield used(record["modelId"], fresh + read + written, read, written, made.get("outputTokenCount"))


@pytest.mark.parametrize(
    ("file", "by_hand"),
    [
        ("openai_responses/openai_responses_pairs.jsonl", responses),
        ("gemini/gemini_generatecontent_pairs.jsonl", gemini),
        ("gemini/vertex_generatecontent_pairs.jsonl", gemini),
        *((f"openai_compatible/{host}_pairs.jsonl", openai) for host in COMPATIBLE),
        ("openai_compatible/cohere.com_pairs.jsonl", cohere),
        ("openai_compatible/127.0.0.1_11434_pairs.jsonl", ollama),
        ("bedrock/bedrock_runtime_pairs.jsonl", bedrock),
        ("bedrock/bedrock_mantle_pairs.jsonl", openai),
        ("bedrock/model_invocation_log_zainzia_real.jsonl", invocations),
    ],
)
def test_calls_and_tokens_by_model_are_those_of_the_raw_json(
    shared_file: Callable[[str], Path], file: str, by_hand: Callable[[Record], Iterator[Used]]
) -> None:
    path = shared_file(f"logs/{file}")
    expected = (each for line in path.read_bytes().splitlines() for each in by_hand(json.loads(line)))
    assert sums(as_read(path)) == sums(expected)
