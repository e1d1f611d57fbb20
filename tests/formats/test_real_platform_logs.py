"""On what tracing platforms and routers wrote, a few lines of plain arithmetic find the same calls and tokens."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from costsim.formats import FORMATS, detect
from costsim.schema import Call

Row = dict[str, Any]
Used = tuple[str | None, int | None, int | None, int | None, int | None, int | None]
"""Model, input, cache reads, cache writes, output, reasoning; input and output include their parts."""
ByHand = Callable[[Row], Iterator[Used]]


def sums(found: Iterator[Used]) -> dict[str | None, Counter[str]]:
    total: dict[str | None, Counter[str]] = defaultdict(Counter)
    for model, *counts in found:
        names = ("input", "read", "written", "output", "reasoning")
        total[model].update(calls=1, **{name: count or 0 for name, count in zip(names, counts, strict=True)})
    return total


def records(path: Path) -> Iterator[bytes]:
    if path.suffix == ".json":
        yield path.read_bytes()
    else:
        yield from path.read_bytes().splitlines()


def calls(name: str, path: Path) -> Iterator[Call]:
    for record in records(path):
        assert detect(json.loads(record), path.name) is FORMATS[name]
        yield from FORMATS[name].read(record)


def used(call: Call) -> Used:
    return (
        call.model, call.input_tokens, call.cache_read_tokens, call.cache_write_tokens, call.output_tokens,
        call.reasoning_tokens,
    )  # fmt: skip


def otel(record: Row) -> Iterator[Used]:
    spans = [span for rs in record["resourceSpans"] for ss in rs["scopeSpans"] for span in ss["spans"]]
    for span in spans:
        said = {each["key"]: next(iter(each["value"].values())) for each in span["attributes"]}

        def first(*names: str, said: Row = said) -> Any:
            return next((said[name] for name in names if name in said), None)

        yield (
            first("gen_ai.response.model", "llm.model_name", "gen_ai.request.model"),
            int(first("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt") or 0),
            int(first("gen_ai.usage.cache_read.input_tokens", "llm.token_count.prompt_details.cache_read") or 0),
            int(first("gen_ai.usage.cache_creation.input_tokens", "llm.token_count.prompt_details.cache_write") or 0),
            int(
                first("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion") or 0
            ),
            int(first("llm.token_count.completion_details.reasoning") or 0),
        )


def langfuse(record: Row) -> Iterator[Used]:
    asked = [row for row in record["observations"] if row["type"] in ("GENERATION", "EMBEDDING")]
    around = {row["parentObservationId"] for row in asked}
    for row in asked:
        if row["id"] in around:
            continue  # the AI SDK's outer span
        kinds = dict(row["usageDetails"])
        apart = sum(kinds.values()) - kinds["total"] == kinds["total"]
        reasoning = kinds.get("output_reasoning", kinds.get("completion_details.reasoning", 0))
        cached = kinds.get("input_cache_read", kinds.get("prompt_details.cache_read", 0))
        yield (
            row["model"], kinds["input"] + (cached if apart else 0), cached, 0,
            kinds["output"] + (reasoning if apart else 0), reasoning,
        )  # fmt: skip


def langsmith(record: Row) -> Iterator[Used]:
    for post, patch in zip(record["post"], record["patch"], strict=True):
        answer = patch["outputs"]
        usage = answer["usage_metadata"] or {}
        inside, outcome = usage.get("input_token_details", {}), usage.get("output_token_details", {})
        assert post["run_type"] == "llm"
        yield (
            answer["model"], usage.get("input_tokens"), inside.get("cache_read"), 0, usage.get("output_tokens"),
            outcome.get("reasoning"),
        )  # fmt: skip


def mlflow(record: Row) -> Iterator[Used]:
    for span in record["data"]["spans"]:
        said = span["attributes"]
        usage = json.loads(said.get("mlflow.chat.tokenUsage", "{}"))
        yield (
            json.loads(said["mlflow.llm.model"]), usage.get("input_tokens"), usage.get("cache_read_input_tokens"),
            usage.get("cache_creation_input_tokens"), usage.get("output_tokens"), 0,
        )  # fmt: skip


def braintrust(record: Row) -> Iterator[Used]:
    if record["span_attributes"]["type"] != "llm":
        return
    used = record["metrics"]
    written = sum(used.get(f"prompt_cache_creation_{life}tokens") or 0 for life in ("", "5m_", "1h_"))
    yield (
        (record.get("metadata") or {}).get("model"), used.get("prompt_tokens"), used.get("prompt_cached_tokens"),
        written, used.get("completion_tokens"), used.get("completion_reasoning_tokens"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "files", "by_hand"),
    [
        ("otel", "otel_genai/*.jsonl", otel),
        ("langfuse", "langfuse/*.trace.json", langfuse),
        ("langsmith", "langsmith/*wrap_openai*.json", langsmith),
        ("mlflow", "mlflow/*.jsonl", mlflow),
        ("braintrust", "braintrust/*.jsonl", braintrust),
    ],
)
def test_calls_and_tokens_by_model_are_those_of_the_raw_json(
    shared_folder: Callable[[str], list[Path]], name: str, files: str, by_hand: ByHand
) -> None:
    for path in shared_folder(f"logs/{files}"):
        expected = sums(each for record in records(path) for each in by_hand(json.loads(record)))
        assert sums(used(call) for call in calls(name, path)) == expected, path.name
