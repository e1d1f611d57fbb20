"""Each record of the samples is claimed by its own format and by no other: alone, with parts missing, among others."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from costsim.formats import FORMATS, claimants
from costsim.ingest.sources import sniffing

LOGS = Path(__file__).parents[2] / "sample_logs"
STORIES = {"anthropic-messages": "document_pipeline.jsonl.gz", "litellm": "coding_agent.jsonl.gz"}
Record = dict[str, Any]
BODIES = {
    "bedrock": {"anthropic-messages", "openai-chat"}, "ollama": {"openai-chat"}, "vertex-log": {"gemini"},
    "helicone": {"openai-chat"}, "portkey": {"openai-chat"}, "anthropic-batch": {"anthropic-messages"},
    "claude-code": {"anthropic-messages"}, "openai-batch": {"openai-chat", "openai-responses"}, "qwen-code": {"gemini"},
    "litellm": {"openai-chat"}, "anthropic-messages": {"openai-chat"}, "langfuse-events": {"langfuse"},
    "azure-log": {"openai-chat"}, "ai-sdk": {"openai-chat"},
}  # fmt: skip
"""Whose bodies stand in the records of others: what is left without the wrapper's own words is theirs."""


def records(folder: Path) -> Iterator[Record]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "expected.json":
            yield from sniffing.first_records(path, path.name, most=1000).records


RECORDS = {
    **{folder.name: list(records(folder)) for folder in sorted((LOGS / "formats").iterdir())},
    **{name: sniffing.first_records(LOGS / file, file, most=3).records for name, file in STORIES.items()},
}


def names(record: Record) -> set[str]:
    return {each.NAME for each in claimants(record)}


def lessened(record: Record) -> Iterator[Record]:
    """The record without each of its fields, and without each of the fields inside one."""
    for name, value in record.items():
        yield {each: inner for each, inner in record.items() if each != name}
        for part in value if isinstance(value, dict) else ():
            yield {**record, name: {each: inner for each, inner in value.items() if each != part}}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_claimed_by_its_own_format_alone(name: str) -> None:
    claimed = [names(record) for record in RECORDS[name]]
    assert {name} in claimed
    assert all(each <= {name} for each in claimed)


@pytest.mark.parametrize("name", RECORDS)
def test_whatever_is_missing_no_stranger_claims_a_record_and_never_do_two(name: str) -> None:
    for record in RECORDS[name]:
        for less in lessened(record):
            found = names(less)
            assert len(found) <= 1, less
            assert found <= {name} | BODIES.get(name, set()), less


def test_every_format_that_is_named_has_records_here() -> None:
    assert set(RECORDS) == set(FORMATS) - {"generic"}


def test_formats_side_by_side_in_one_record_are_never_two_claims_for_its_parts() -> None:
    for record in chain.from_iterable(RECORDS.values()):
        assert len(names({"jsonPayload": record})) <= 1
        assert len(names({"records": [record, record]})) <= 1
