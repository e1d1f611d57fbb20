"""Traces without text: what requests share is told by their prefixes, as far as the trace's own block hashes tell."""

import io
import json
import tarfile
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.conftest import Log, Read

from costsim.formats.workloads import blocks

SharedFile = Callable[[str], Path]


def seen_before(rows: list[dict[str, Any]]) -> int:
    """Tokens of each call's longest prefix that an earlier call has too."""
    known: set[int] = set()
    found = 0
    for row in rows:
        pairs = zip(row["prefix_hashes"], row["prefix_tokens"], strict=True)
        found += max((tokens for own, tokens in pairs if own in known), default=0)
        known.update(row["prefix_hashes"])
    return found


def test_what_a_chat_trace_shares_is_what_its_block_hashes_say(read: Read, shared_file: SharedFile) -> None:
    path = shared_file("traces/mooncake_fast25_conversation_trace.jsonl")
    log = read(path)
    requests = [json.loads(line) for line in path.read_text().splitlines()]
    expected, known = 0, set()
    for request in requests:
        ids = request["hash_ids"]
        prefixes = list(accumulate(ids, lambda before, own: hash((before, own)), initial=0))[1:]
        shared = next((end for end, each in enumerate(prefixes) if each not in known), len(ids))
        expected += min(shared * 512, request["input_length"])
        known.update(prefixes)
    rows = [row for batch in log.store.batches(["prefix_hashes", "prefix_tokens"]) for row in batch.to_pylist()]
    assert log.source.format == "request-trace"
    assert log.adds_up()
    assert len(rows) == len(requests)
    assert all(len(row["prefix_hashes"]) == len(each["hash_ids"]) for row, each in zip(rows, requests, strict=True))
    assert seen_before(rows) == expected
    assert expected / sum(each["input_length"] for each in requests) > 0.37


def few_traces(path: Path, out: Path, most: int) -> list[dict[str, Any]]:
    """The first traces of an archive, as an archive."""
    found: list[dict[str, Any]] = []
    with tarfile.open(path) as archive, tarfile.open(out, "w:gz") as few:
        for member in archive:
            if member.isfile() and len(found) < most:
                content = archive.extractfile(member)
                assert content is not None
                text = content.read()
                found.append(json.loads(text))
                few.addfile(member, io.BytesIO(text))
    return found


def test_coding_traces_inside_an_archive_are_counted_to_the_token(
    read: Read, shared_file: SharedFile, tmp_path: Path
) -> None:
    traces = few_traces(shared_file("traces/kvcachetester_all710_traces.tar.xz"), tmp_path / "few.tar.gz", 8)
    log = read(tmp_path / "few.tar.gz")
    expected: dict[str, Counter[str]] = defaultdict(Counter)
    for trace in traces:
        entries = [inner for each in trace["requests"] for inner in (each.get("requests") or [each])]
        for each in entries:
            expected[each["model"]].update(calls=1, input=each["in"], output=each["out"])
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in log.rows():
        found[row["model"]].update(calls=1, input=row["input_tokens"], output=row["output_tokens"])
    assert found == expected
    assert log.adds_up()
    totals = [trace["totals"]["combined_tokens"]["input"] for trace in traces]
    assert sum(each["input"] for each in found.values()) == sum(totals)


def test_what_calls_of_a_coding_session_share_is_what_its_block_hashes_say(
    read: Read, shared_file: SharedFile, tmp_path: Path
) -> None:
    traces = few_traces(shared_file("traces/kvcachetester_all710_traces.tar.xz"), tmp_path / "few.tar.gz", 6)
    for trace in traces:
        del trace["requests"][50:]  # no request has more prefixes than are kept
    log = read("\n".join(json.dumps(trace) for trace in traces).encode())
    expected = 0
    for trace in traces:
        requests = [inner for each in trace["requests"] for inner in (each.get("requests") or [each])]
        for number, request in enumerate(requests):
            shares = [_common(request["hash_ids"], other["hash_ids"]) for other in requests[:number]]
            expected += max(shares, default=0) * 64
    assert seen_before(log.rows()) == expected


def _common(one: list[int], other: list[int]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.integers(0, 2), min_size=0, max_size=6), min_size=1, max_size=8))
def test_prefixes_told_apart_keep_what_any_two_requests_share(requests: list[list[int]]) -> None:
    tokens = [len(ids) * 16 + 3 for ids in requests]
    found = blocks.told_apart([blocks.blocks(ids) for ids in requests], tokens, 16, "trace")
    for one, ids in enumerate(requests):
        for other, others in enumerate(requests):
            if one != other and ids != others:
                shared = {own for own, _ in found[one]} & {own for own, _ in found[other]}
                lengths = [length for own, length in found[one] if own in shared]
                assert max(lengths, default=0) == _common(ids, others) * 16


def test_a_long_request_is_cut_where_a_short_one_is_cut_too() -> None:
    ids = np.arange(3_000)
    long, short = (blocks.plain(blocks.blocks(ids[:count].tolist()), count * 16) for count in (3_000, 1_024))
    assert len(long) <= 258
    assert max(length for own, length in short if own in {each for each, _ in long}) == 1_024 * 16
    assert blocks.size_of_blocks(3_000, 48_000) == 16


def test_requests_of_a_day_no_one_knows_keep_how_far_they_are_apart(read: Read) -> None:
    log: Log = read(b'{"timestamp": 60000, "input_length": 600, "output_length": 5, "hash_ids": [4, 9]}\n')
    (row,) = log.rows()
    assert row["started_at"].timestamp() == 60
    assert row["prefix_tokens"] == [512, 600]
    assert row["user_tokens"] is None
    assert row["turns"] is None
