"""A call is the same call whatever container holds it, and what is damaged is read up to the damage."""

import bz2
import gzip
import io
import json
import lzma
import random
import re
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.conftest import Read
from tests.ingest.logs import call, calls, lines

from costsim.errors import LogError
from costsim.ingest.containers import compression, documents
from costsim.ingest.containers.json_window import Broken

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}
MANY = [call(number) for number in range(20)]


def containers() -> dict[str, bytes]:
    """The same twenty calls in every container of JSON."""

    def wrapped(indent: int | None) -> str:
        return json.dumps({"object": "list", "data": MANY, "has_more": False}, indent=indent)

    texts = {
        "pretty-printed": "\n".join(json.dumps(each, indent=2) for each in MANY),
        "run together": "".join(json.dumps(each, indent=2) for each in MANY),
        "a list in one line": json.dumps(MANY),
        "a list over many lines": json.dumps(MANY, indent=1),
        "a list of one line each": "[\n" + ",\n".join(json.dumps(each) for each in MANY) + "\n]\n",
        "several lists": "\n".join(json.dumps(MANY[start : start + 2]) for start in range(0, 20, 2)),
        "a wrapper": wrapped(None),
        "a pretty-printed wrapper": wrapped(2),
        "a wrapper a line": "\n".join(json.dumps({"data": MANY[start : start + 2]}) for start in range(0, 20, 2)),
    }
    return {name: text.encode() for name, text in texts.items()}


@pytest.mark.parametrize("name", containers())
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_every_container_of_json_holds_the_same_calls(read: Read, name: str, mark: bytes) -> None:
    plain = read(lines(*MANY)).table().drop(["source_line"])
    log = read(mark + containers()[name])
    assert log.table().drop(["source_line"]) == plain
    assert log.source.lines == 20
    assert log.adds_up()


@pytest.mark.parametrize("packer", PACKERS)
def test_a_packed_log_is_read_like_a_plain_one(read: Read, packer: str) -> None:
    log = read(PACKERS[packer](calls(50)))
    assert log.table() == read(calls(50)).table()
    assert log.source.damage is None


@pytest.mark.parametrize("packer", PACKERS)
def test_several_packed_files_in_one_are_one_log(read: Read, packer: str) -> None:
    log = read(PACKERS[packer](calls(5)) + PACKERS[packer](lines(call(8))))
    assert (log.source.calls, log.source.damage) == (6, None)


@pytest.mark.parametrize("packer", PACKERS)
def test_a_cut_off_packed_log_counts_what_is_before_the_cut(read: Read, packer: str) -> None:
    whole = PACKERS[packer](
        b"".join(lines(call(number, padding=random.Random(number).randbytes(1000).hex())) for number in range(900))
    )
    log = read(whole + whole[: len(whole) // 2])
    assert log.source.calls >= 900
    assert re.fullmatch(r"cut off after \d+\.\d [kM]B", log.source.damage or "")
    assert log.adds_up()


@pytest.mark.parametrize("packer", PACKERS)
def test_a_packed_log_of_which_nothing_can_be_read_is_an_error(read: Read, packer: str) -> None:
    with pytest.raises(LogError, match=r"(cut off|damaged) after 0 bytes \(nothing in it can be read\)"):
        read(PACKERS[packer](calls(1))[:20])


def test_a_wrong_checksum_is_told_and_costs_no_call(read: Read) -> None:
    log = read(gzip.compress(calls(100))[:-8] + b"12345678")
    assert log.source.calls == 100
    assert (log.source.damage or "").startswith("damaged after ")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=3000), st.sampled_from(sorted(PACKERS)), st.integers(0, 3000), st.integers(1, 700))
def test_an_unpacked_stream_gives_a_beginning_of_what_was_packed_and_then_says_if_that_is_not_all(
    content: bytes, packer: str, cut: int, step: int
) -> None:
    packed = PACKERS[packer](content)
    kept = packed[: max(6, len(packed) - cut)]
    stream = compression.unpacked(io.BytesIO(kept), packer)
    found, damaged = [], False
    while not damaged:
        try:
            part = stream.read(step)
        except compression.Damaged:
            damaged = True
            break
        if not part:
            break
        found.append(part)
    assert content.startswith(b"".join(found))
    assert damaged or b"".join(found) == content
    assert damaged or kept == packed


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40)), st.integers(1, 50))
def test_an_unpacked_stream_has_the_lines_of_the_plain_one(parts: list[bytes], limit: int) -> None:
    content = b"\n".join(parts)
    packed, plain = compression.unpacked(io.BytesIO(gzip.compress(content)), "gz"), io.BytesIO(content)
    for _ in range(content.count(b"\n") + len(content) // limit + 2):
        assert packed.readline(limit) == plain.readline(limit)


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1200, "1.2 kB"), (1_200_000_000, "1.2 GB"), (5 * 10**12, "5000.0 GB")],
)
def test_an_amount_of_bytes_is_said_in_few_digits(count: int, said: str) -> None:
    assert compression.amount(count) == said


def test_a_broken_object_among_pretty_printed_ones_is_one_reject(read: Read) -> None:
    pretty = [json.dumps(each, indent=2) for each in MANY]
    log = read("\n".join([*pretty[:5], "{ broken", *pretty[5:]]).encode())
    assert (log.source.calls, log.source.rejected) == (20, 1)
    assert log.rejects[0][0].endswith(f":{5 * (pretty[0].count(chr(10)) + 1) + 1}")


def test_a_broken_item_of_a_pretty_printed_list_is_one_reject(read: Read) -> None:
    text = json.dumps(MANY, indent=2).replace('"id": "chatcmpl-7",', '"id": "chatcmpl-7')
    log = read(text.encode())
    assert (log.source.calls, log.source.rejected) == (19, 1)


def test_a_list_that_is_cut_off_is_said_to_be(read: Read) -> None:
    for cut in (1, 2, 300):
        log = read(json.dumps(MANY).encode()[:-cut])
        assert (log.source.calls, log.source.rejected) == (20 - (cut > 1), 1)
        assert "cut off" in log.rejects[0][1] or "breaks off" in log.rejects[0][1]


def test_items_of_a_list_that_are_no_objects_are_rejects(read: Read) -> None:
    log = read(json.dumps([1, "x", None, call(1), [call(2)]]).encode())
    assert (log.source.calls, log.source.rejected) == (2, 3)
    assert log.adds_up()


def test_what_only_python_takes_for_json_is_read_in_a_list_too(read: Read) -> None:
    odd = json.dumps([call(1, score=float("nan"), big=10**30), call(2)]).replace("Sort ticket 2", "\\ud83d")
    assert read(odd.encode()).source.calls == 2


LAYOUTS: list[Callable[[list[Any]], str]] = [
    lambda written: json.dumps(written, indent=1),
    lambda written: "\n\n".join(json.dumps(each, indent=1) for each in written),
    lambda written: "\n".join(json.dumps([each]) for each in written),
    lambda written: "[\n" + ",\n".join(map(json.dumps, written)) + "\n]\n",
    lambda written: "[\n" + ",\n".join(map(json.dumps, written[:-1])) + "\n" + json.dumps(written[-1], indent=2) + "]",
    lambda written: json.dumps(written[:1]) + "\n" + json.dumps(written[1:], indent=1),
]


@settings(deadline=None)
@given(
    st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none(), min_size=1), min_size=1),
    st.sampled_from(LAYOUTS),
)
def test_documents_give_back_every_record_in_order(
    written: list[dict[str, Any]], layout: Callable[[list[Any]], str]
) -> None:
    text = layout(written)
    found = list(documents.records(io.BytesIO(text.encode())))
    assert [json.loads(bytes(record)) for record, _ in found] == json.loads(json.dumps(written))
    assert [line for _, line in found] == sorted(line for _, line in found)


@pytest.mark.parametrize("cut", ["[1, {}", '[["x", {"a": 1}', '[\n{"a": 4},\n{"a"'])
def test_a_line_that_is_cut_off_costs_none_of_the_lines_before_it(cut: str) -> None:
    text = f'["name", {{"a": 1}}]\n[[{{"a": 2}}, {{"a": 3}}]]\n{cut}'
    found: list[bytes] = []
    with pytest.raises(Broken) as problem:
        found.extend(bytes(record) for record, _ in documents.records(io.BytesIO(text.encode())))
    assert problem.value.line >= 3
    assert found[:4] == [b'"name"', b'{"a": 1}', b'{"a": 2}', b'{"a": 3}']


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='{}[]",:1 \n\\unfaNtrels', max_size=200))
def test_documents_of_anything_end(text: str) -> None:
    try:
        for record, line in documents.records(io.BytesIO(text.encode())):
            assert 1 <= line <= text.count("\n") + 1
            assert bytes(record)
    except Broken as problem:
        broken = problem.line
    else:
        broken = 1
    assert 1 <= broken <= text.count("\n") + 1


def parquet(**columns: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


USAGE: dict[str, list[Any]] = {
    "model": ["gpt-5.4"] * 50,
    "prompt_tokens": list(range(50)),
    "completion_tokens": list(range(50)),
}


def test_parquet_is_read_row_by_row(read: Read) -> None:
    log = read(parquet(**USAGE))
    assert log.source.calls == 50
    assert [row["input_tokens"] for row in log.rows()] == list(range(50))


def test_times_in_nanoseconds_in_parquet_are_times(read: Read) -> None:
    when = pa.array([1_790_849_410_000_000_001], pa.timestamp("ns", "UTC"))
    (row,) = read(parquet(model=["m"], prompt_tokens=[1], completion_tokens=[1], timestamp=when)).rows()
    assert str(row["started_at"]) == "2026-10-01 10:10:10+00:00"


@pytest.mark.parametrize(
    "spoil", [lambda file: file[: len(file) // 2], lambda file: file[:20] + b"\xff" * 40 + file[60:]]
)
def test_damaged_parquet_is_an_error_in_one_line(read: Read, spoil: Any) -> None:
    with pytest.raises(LogError, match="is damaged") as problem:
        read(spoil(parquet(**USAGE)))
    assert "\n" not in str(problem.value)


def test_parquet_that_is_damaged_further_on_counts_the_rows_before(read: Read) -> None:
    out = io.BytesIO()
    with pq.ParquetWriter(out, pa.table(USAGE).schema) as file:
        for _ in range(2):
            file.write_table(pa.table({name: column * 1000 for name, column in USAGE.items()}))
    spoilt = bytearray(out.getvalue())
    half = pq.ParquetFile(io.BytesIO(spoilt)).metadata.row_group(1).column(1).data_page_offset
    spoilt[half : half + 40] = b"\xff" * 40
    log = read(bytes(spoilt))
    assert (log.source.damage or "").startswith("damaged: ")
    assert log.source.calls in range(1, 100_000)
    assert log.adds_up()


def test_packed_parquet_is_refused_with_what_to_do(read: Read) -> None:
    with pytest.raises(LogError, match="packed Parquet file"):
        read(gzip.compress(parquet(**USAGE)))


HEADER = b"model,prompt,prompt_tokens,completion_tokens\n"


def test_a_row_with_a_wrong_number_of_fields_is_a_reject(read: Read) -> None:
    log = read(HEADER + b'gpt-5.4,"a\nb, c",100,5\ngpt-5.4,x,7\ngpt-5.4,y,7,8,9\n\ngpt-5.4,z,1,1\n')
    assert (log.source.calls, log.source.rejected, log.source.not_calls) == (2, 2, 1)
    assert [(where.rpartition(":")[2], reason) for where, reason in log.rejects] == [
        ("4", "has 3 fields, the header has 4"),
        ("5", "has 5 fields, the header has 4"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_may_be_parted_by_any_of_four_characters(read: Read, delimiter: str) -> None:
    text = HEADER.decode().replace(",", delimiter) + delimiter.join(["gpt-5.4", "x, y", "10", "2"]).replace(
        "x, y", '"x, y"'
    )
    (row,) = read(text.encode()).rows()
    assert (row["model"], row["input_tokens"], row["output_tokens"]) == ("gpt-5.4", 10, 2)


def test_a_prompt_longer_than_128_kb_in_a_cell_is_a_prompt(read: Read) -> None:
    assert read(HEADER + b'gpt-5.4,"' + b"a " * 200_000 + b'",100,5\ngpt-5.4,x,7,2\n').source.calls == 2


def test_a_header_alone_is_a_log_without_calls(read: Read) -> None:
    assert read(HEADER).source.lines == 0


def test_a_packed_table_is_read_up_to_the_damage(read: Read) -> None:
    rows = b"".join(b"gpt-5.4,%d %s,10,2\n" % (number, str(hash(str(number))).encode()) for number in range(20_000))
    packed = gzip.compress(HEADER + rows)
    log = read(packed[: len(packed) // 2])
    assert 5_000 < log.source.calls < 15_000
    assert (log.source.damage or "").startswith("cut off after ")


def test_the_log_is_left_as_it_was(read: Read, tmp_path: Path) -> None:
    log = tmp_path / "kept.jsonl"
    log.write_bytes(calls(3))
    before = log.stat()
    read(log)
    assert (log.read_bytes(), log.stat().st_mtime_ns) == (calls(3), before.st_mtime_ns)


def test_a_database_of_a_tool_is_read_and_never_written(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "opencode.db"
    answer = {
        "role": "assistant",
        "modelID": "m",
        "tokens": {"input": 5, "output": 2, "cache": {"read": 3, "write": 0}},
    }
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE message (id TEXT, session_id TEXT, data TEXT)")
        database.execute("CREATE TABLE part (id TEXT, data BLOB)")
        database.execute("INSERT INTO message VALUES ('a', 's', ?)", [json.dumps(answer)])
        database.execute("INSERT INTO message VALUES ('b', 's', '{\"role\": \"user\"}')")
        database.execute("INSERT INTO message VALUES ('c', 's', '{broken')")
        database.commit()
    before = path.read_bytes()
    log = read(path)
    (row,) = log.rows()
    assert (row["call_id"], row["conversation_id"], row["input_tokens"], row["cache_read_tokens"]) == ("a", "s", 8, 3)
    assert (log.source.lines, log.source.not_calls, log.source.rejected) == (3, 1, 1)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("opencode")] == ["opencode.db"]


def test_a_database_without_a_known_table_says_what_it_has(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE orders (id TEXT)")
        database.execute("CREATE TABLE message (id TEXT)")
    with pytest.raises(LogError, match=r"is a database without a known table \(it has message, orders\)"):
        read(path)


def test_files_inside_an_archive_are_read_one_after_the_other(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "logs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/one.json", json.dumps(call(1), indent=2))
        archive.writestr("a/two.jsonl", calls(3))
        archive.writestr("a/broken.json", json.dumps(call(9), indent=2)[:-40])
        archive.writestr("notes.txt", "no log")
    log = read(path)
    assert log.manifest.calls == 3  # the first is in both
    assert (log.manifest.duplicates, log.source.rejected) == (1, 1)
    assert log.rejects[0][1].endswith("(in a/broken.json)")
    assert log.adds_up()
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(LogError):
        read(path)
