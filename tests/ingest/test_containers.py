"""A call is the same call whatever container holds it, and what is damaged is read up to the damage."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.conftest import Read
from tests.ingest.logs import call, calls, lines

from costsim.errors import LogError
from costsim.ingest.containers import documents
from costsim.ingest.containers.json_window import Broken

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
