"""Copies of calls are counted once, the most complete one; links are what a slow reading in order finds."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.conftest import Read
from tests.ingest.logs import call, lines, with_usage

from costsim.ingest import hashing
from costsim.ingest.collect import Options, collect
from costsim.ingest.sources import splits
from costsim.ingest.ties import duplicates, keys, links
from costsim.ingest.ties.keys import (
    AROUND,
    AT,
    CONVERSATION,
    COUNTED,
    FAILED,
    ID,
    INPUT,
    MODEL,
    NAMED,
    PREFIX,
    PREVIOUS,
    PROMPT,
    RANK,
    REQUEST,
    SUMMED,
    TWIN,
    WORK,
    Keys,
)
from costsim.tasks import Classifier

NAMES = len(keys.NAMES)


def parted(all_keys: Keys, cuts: list[int]) -> list[Keys]:
    """The keys of all calls, as batches."""
    return np.split(all_keys, sorted(min(cut, all_keys.shape[1]) for cut in cuts), axis=1)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), max_size=30),
    st.lists(st.integers(0, 30), max_size=4),
    st.integers(1, 40),
)
def test_of_each_id_one_copy_is_kept_the_first_of_the_most_complete(
    calls: list[tuple[int, int]], cuts: list[int], at_once: int
) -> None:
    table = np.zeros((NAMES, len(calls)), np.int64)
    table[ID] = [number * 0x9E3779B97F4A7C1 for number, _ in calls]
    table[RANK] = [rank for _, rank in calls]
    batches = parted(table, cuts)
    gone = _left_out(batches, at_once)
    best: dict[int, int] = {}
    for place, (number, rank) in enumerate(calls):
        if number not in best or rank > calls[best[number]][1]:
            best[number] = place
    assert set(range(len(calls))) - gone == set(best.values())


FEW = st.integers(0, 2)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(*[FEW] * 6, st.integers(-1, 4), *[st.integers(0, 1)] * 3), max_size=30),
    st.lists(st.integers(0, 30), max_size=8),
    st.integers(1, 40),
)
def test_however_few_calls_are_looked_at_together_the_same_ones_are_left_out(
    calls: list[tuple[int, ...]], cuts: list[int], at_once: int
) -> None:
    table = np.zeros((NAMES, len(calls)), np.int64)
    for column, name in enumerate((ID, AROUND, SUMMED, TWIN, RANK, MODEL, AT, COUNTED, FAILED, NAMED)):
        table[name] = [call[column] for call in calls]
    table[AT] = np.where(table[AT] >= 0, table[AT] * 200_000, -1)  # some of them half a second from each other
    assert _left_out(parted(table, cuts), at_once) == _left_out([table], 1_000)


def _left_out(batches: list[Keys], at_once: int) -> set[int]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "AT_ONCE", at_once)
        rows = [batch.shape[1] for batch in batches]
        found = list(duplicates.dropped(lambda batch, row: batches[batch][row], rows))
    starts = np.cumsum([0, *rows])
    return {int(starts[batch] + place) for batch, places in found for place in places}


def test_what_is_known_of_copies_is_a_bit_of_each_call_however_many_parts_they_are_found_in(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = [call(number) for number in range(60)]
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.jsonl").write_bytes(lines(*once))
    monkeypatch.setattr(splits, "MOST_TOGETHER", 1)
    monkeypatch.setattr(duplicates, "AT_ONCE", 7)
    found = read(tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "c.jsonl")
    assert [(batch.copies, len(batch.dropped)) for batch in found.manifest.batches] == [(0, 0), (60, 8), (60, 8)]
    assert [row["call_id"] for row in found.rows()] == [f"chatcmpl-{number}" for number in range(60)]
    assert found.adds_up()


def test_the_complete_copy_is_kept_wherever_it_stands(read: Read, tmp_path: Path) -> None:
    partial, whole = (
        with_usage(1, {"prompt_tokens": 10, "completion_tokens": 1}),
        with_usage(1, {"prompt_tokens": 10, "completion_tokens": 9}),
    )
    for number, records in enumerate(([partial, whole, partial], [whole, partial], [partial, whole])):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, record in enumerate(records):
            (folder / f"{name}.jsonl").write_bytes(lines(record))
        log = read(folder)
        assert [row["output_tokens"] for row in log.rows()] == [9]
        assert log.manifest.duplicates == len(records) - 1
        assert log.adds_up()


def test_calls_without_an_id_are_no_copies_of_each_other(read: Read) -> None:
    anonymous = call(1)
    del anonymous["response"]["id"]
    log = read(lines(anonymous, anonymous))
    assert log.manifest.duplicates == 0
    assert len({row["call_id"] for row in log.rows()}) == 2


KEYS = st.lists(
    st.tuples(
        st.integers(-1, 400_000),  # milliseconds, -1 where there is no time
        st.integers(0, 1),  # failed
        st.integers(1, 2),  # model
        st.integers(0, 3),  # input tokens
        st.integers(0, 2),  # prompt
        st.integers(0, 2),  # prefix
        st.integers(0, 2),  # conversation
        st.integers(0, 2),  # work
        st.integers(0, 2),  # request
    ),
    max_size=25,
)


@settings(max_examples=200, deadline=None)
@given(KEYS, st.lists(st.integers(0, 25), max_size=3), st.integers(1, 40))
def test_links_are_what_reading_row_by_row_finds(rows: list[tuple[int, ...]], cuts: list[int], at_once: int) -> None:
    table = np.zeros((NAMES, len(rows)), np.int64)
    for column, name in enumerate((AT, FAILED, MODEL, INPUT, PROMPT, PREFIX, CONVERSATION, WORK, REQUEST)):
        table[name] = [row[column] for row in rows]
    table[AT] = np.where(table[AT] >= 0, table[AT] * 1000, -1)
    batches = parted(table, cuts)
    starts = np.cumsum([0, *(batch.shape[1] for batch in batches)])
    found = np.full((len(links.NAMES), len(rows)), links.NONE, np.int32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(links, "AT_ONCE", at_once)
        for kind in reversed(links.KINDS):
            links.find(kind, lambda batch, row: batches[batch][row], len(batches), found, starts)
    assert found.T.tolist() == _row_by_row(table)


def _row_by_row(table: Keys) -> list[list[int]]:
    count = table.shape[1]
    order = sorted(range(count), key=lambda place: int(table[AT, place]))
    found = [[links.NONE] * len(links.NAMES) for _ in range(count)]
    last_prefix: dict[tuple[int, int], int] = {}
    last_answer: dict[tuple[int, int], int] = {}
    last_work: dict[int, int] = {}
    last_asked: dict[tuple[int, int], int] = {}
    inputs: dict[int, list[int]] = {}
    for place in order:
        at, failed, model, tokens, prompt, prefix, conversation, work = (
            int(each) for each in table[AT:PREVIOUS, place]
        )
        request = int(table[REQUEST, place])
        if prefix:
            before = last_prefix.get((prefix, model))
            if before is not None:
                gap = _gap(table, place, before)
                found[place][links.SINCE_PREFIX] = found[before][links.UNTIL_PREFIX] = gap
            last_prefix[prefix, model] = place
        if request and not failed:
            before = last_answer.get((request, model))
            if before is not None:
                found[place][links.SINCE_ANSWER] = _gap(table, place, before)
            last_answer[request, model] = place
        if conversation and tokens > 0 and at >= 0:
            known = inputs.setdefault(conversation, [])
            if len(known) >= links.EARLY_CALLS:
                found[place][links.EARLY_INPUT] = known[links.EARLY_CALLS - 1]
            known.append(tokens)
        if conversation and prompt:
            before = last_asked.get((conversation, prompt))
            if before is not None:
                found[before][links.ASKED_AGAIN] = _gap(table, place, before)
            last_asked[conversation, prompt] = place
        if work:
            before = last_work.get(work)
            if before is not None and table[FAILED, before] and 0 <= _gap(table, place, before) <= links.SOON_MS:
                moved = table[MODEL, before] != model
                found[place][links.TRIED_AGAIN] = links.ESCALATED if moved else links.RETRIED
            last_work[work] = place
    return found


def _gap(table: Keys, later: int, earlier: int) -> int:
    if table[AT, later] < 0 or table[AT, earlier] < 0:
        return links.NONE
    return int(table[AT, later] - table[AT, earlier]) // 1000


def test_a_request_is_the_same_only_where_everything_that_was_asked_is(read: Read) -> None:
    asked = call(1)["request"]
    others = [asked, {**asked, "temperature": 0.5}, {**asked, "tools": [{"type": "x"}]},
              {**asked, "response_format": {"type": "json_object"}}, asked]  # fmt: skip
    answered = [100, 100, 100, 100, 117]  # the last one had a schema, which this log does not hold
    records = [
        {**with_usage(n, {"prompt_tokens": count, "completion_tokens": 5}), "request": request}
        for n, (request, count) in enumerate(zip([*others, asked], [*answered, 100], strict=True))
    ]
    log = read(lines(*records))
    found = log.store.part(0, 1, ["call_id", "since_answer_ms"]).to_pylist()
    assert {row["call_id"]: row["since_answer_ms"] for row in found if row["since_answer_ms"] != links.NONE} == {
        "chatcmpl-5": 5000
    }


def test_the_keys_stand_in_the_order_that_their_names_have() -> None:
    places = (
        ID, AROUND, COUNTED, RANK, AT, FAILED, MODEL, INPUT, PROMPT, PREFIX, CONVERSATION, WORK, PREVIOUS, SUMMED,
        REQUEST, TWIN, NAMED,
    )  # fmt: skip
    assert places == tuple(range(NAMES))


def test_siphash_gives_the_published_values() -> None:
    key = (int.from_bytes(bytes(range(8)), "little"), int.from_bytes(bytes(range(8, 16)), "little"))
    message = np.array([int.from_bytes(bytes(range(8)), "little")], np.uint64)
    assert [int(each) for each in hashing.siphash(message, key)] == [0x93F5F5799A932462]


def _siphash(message: int, key: tuple[int, int]) -> int:
    """SipHash-2-4 of eight bytes, one step after the other (Aumasson and Bernstein, 2012)."""
    mask = (1 << 64) - 1
    v = [
        key[0] ^ 0x736F6D6570736575,
        key[1] ^ 0x646F72616E646F6D,
        key[0] ^ 0x6C7967656E657261,
        key[1] ^ 0x7465646279746573,
    ]

    def turned(value: int, bits: int) -> int:
        return (value << bits | value >> (64 - bits)) & mask

    def rounds(count: int) -> None:
        for _ in range(count):
            v[0] = (v[0] + v[1]) & mask
            v[2] = (v[2] + v[3]) & mask
            v[1], v[3] = turned(v[1], 13) ^ v[0], turned(v[3], 16) ^ v[2]
            v[0] = turned(v[0], 32)
            v[2] = (v[2] + v[1]) & mask
            v[0] = (v[0] + v[3]) & mask
            v[1], v[3] = turned(v[1], 17) ^ v[2], turned(v[3], 21) ^ v[0]
            v[2] = turned(v[2], 32)

    for block in (message, 8 << 56):
        v[3] ^= block
        rounds(2)
        v[0] ^= block
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


WORD = st.integers(0, 2**64 - 1)


@given(st.lists(WORD, max_size=20), WORD, WORD)
def test_siphash_of_a_column_is_that_of_each_value(values: list[int], k0: int, k1: int) -> None:
    hashed = hashing.siphash(np.array(values, np.uint64), (k0, k1))
    assert [int(each) for each in hashed] == [_siphash(value, (k0, k1)) for value in values]


def test_a_key_of_ones_own_changes_every_hash_and_nothing_else(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read(lines(call(1), call(2), call(1))).table()
    monkeypatch.setenv(hashing.KEY_VARIABLE, "only mine")
    second = read(lines(call(1), call(2), call(1))).table()
    hashes = ["prompt_hash", "prefix_hashes"]
    assert first.drop(hashes) == second.drop(hashes)
    assert not set(first["prompt_hash"].to_pylist()) & set(second["prompt_hash"].to_pylist())


TEXT = st.text(max_size=60)
MESSAGES = st.lists(
    st.tuples(st.sampled_from(["system", "user", "assistant", "tool", "developer", "other"]), TEXT), max_size=6
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(MESSAGES, st.integers(0, 10_000), st.booleans()), min_size=1, max_size=8))
def test_parts_of_the_input_add_up_to_it_and_prefixes_grow(
    read_many: Any, prompts: list[tuple[Any, int, bool]]
) -> None:
    records = []
    for number, (messages, tokens, tools) in enumerate(prompts):
        record = with_usage(number, {"prompt_tokens": tokens, "completion_tokens": 1})
        record["request"]["messages"] = [{"role": role, "content": text} for role, text in messages]
        if tools:
            record["request"]["tools"] = [{"type": "function", "function": {"name": "look_up"}}]
        records.append(record)
    for row, (messages, tokens, _) in zip(read_many(lines(*records)), prompts, strict=True):
        parts = [row[name] for name in ("system_tokens", "history_tokens", "user_tokens", "tool_tokens")]
        if messages:
            assert sum(parts) == row["input_tokens"] == tokens
            assert min(parts) >= 0
            assert row["prefix_tokens"] == sorted(row["prefix_tokens"])
            assert row["prefix_tokens"][-1] == tokens
            assert len(row["prefix_tokens"]) == len(row["prefix_hashes"]) == len(messages)
            assert row["prefix_hashes"][-1] == row["prompt_hash"]
        else:
            assert row["prompt_hash"] is None


@settings(max_examples=40, deadline=None)
@given(MESSAGES.filter(bool), MESSAGES.filter(bool))
def test_prompts_have_equal_hashes_as_far_as_they_are_equal(read_many: Any, one: Any, other: Any) -> None:
    records = [call(1), call(2)]
    for record, messages in zip(records, (one, other), strict=True):
        record["request"]["messages"] = [{"role": role, "content": text} for role, text in messages]
    first, second = read_many(lines(*records))
    kind = {"developer": "system", "other": "user"}
    for length in range(1, 1 + min(len(one), len(other))):
        same = [(kind.get(role, role), text) for role, text in one[:length]] == [
            (kind.get(role, role), text) for role, text in other[:length]
        ]
        assert (first["prefix_hashes"][length - 1] == second["prefix_hashes"][length - 1]) == same


@pytest.fixture(scope="module")
def read_many(tmp_path_factory: pytest.TempPathFactory, classifier: Classifier) -> Any:
    """A function from a log's bytes to its calls, in the order of the log."""
    log = tmp_path_factory.mktemp("many") / "log"

    def read(content: bytes) -> list[dict[str, Any]]:
        log.write_bytes(content)
        with collect([str(log)], None, classifier, Options(workers=1)) as store:
            return [row for batch in store.batches() for row in batch.to_pylist()]

    return read


def test_a_message_of_a_megabyte_counts_like_its_characters(read_many: Any) -> None:
    record = with_usage(1, {"prompt_tokens": 300_000, "completion_tokens": 1})
    record["request"]["messages"] = [{"role": "system", "content": "a" * 1_000_000}, {"role": "user", "content": "b"}]
    (row,) = read_many(json.dumps(record).encode())
    assert row["system_tokens"] + row["user_tokens"] == 300_000
    assert row["system_tokens"] > 299_000 * 0.8
