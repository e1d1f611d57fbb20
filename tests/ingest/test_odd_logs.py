"""What stands in real logs and should not: every good line is counted, and of every other it is said where."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import Read
from tests.ingest.logs import call, calls, lines, message, with_usage

from costsim.errors import LogError
from costsim.ingest.sources import splits
from costsim.ingest.sources.found import find

BOM = b"\xef\xbb\xbf"


def test_an_empty_file_has_no_lines(read: Read) -> None:
    log = read(b"")
    assert log.source.lines == 0
    assert log.adds_up()


def test_blank_lines_are_no_calls(read: Read) -> None:
    log = read(b"\n \n\t\n" + calls(2) + b"\n\r\n")
    assert (log.source.calls, log.source.not_calls) == (2, 5)
    assert log.adds_up()


def test_a_file_of_nothing_but_blank_lines_is_read(read: Read) -> None:
    assert read(b"\n  \n").source.not_calls == 2


@pytest.mark.parametrize(
    "change", [lambda log: BOM + log, lambda log: log.replace(b"\n", b"\r\n"), lambda log: log.rstrip()]
)
def test_a_mark_at_the_start_and_the_kind_of_line_end_change_nothing(read: Read, change: Any) -> None:
    plain = read(calls(5)).table().drop(["call_id"])
    assert read(change(calls(5))).table().drop(["call_id"]) == plain


def test_bytes_that_are_no_utf_8_inside_a_text_cost_no_call(read: Read) -> None:
    log = read(calls(5).replace(b"ticket 3", b"ticket \xff\xfe"))
    assert log.source.calls == 5


def test_calls_that_are_read_one_by_one_stand_among_those_that_are_read_many_at_a_time(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [{"role": "user", "content": [{"type": "text", "text": part} for part in ("a", "b")]}]
    refused = {"status": 429, "response": {"error": {"code": "rate_limit_exceeded"}}}
    for file, odd in (("a.jsonl", {0, 3, 4, 7}), ("b.jsonl", set(range(8))), ("c.jsonl", {0, 6})):
        made = [call(number, **refused) if number in odd else call(number) for number in range(8)]
        made[4]["request"]["messages"] = texts
        (tmp_path / file).write_bytes(lines(*made))
    logs = [tmp_path / file for file in ("a.jsonl", "b.jsonl", "c.jsonl")]
    at_once = read(*logs).table()
    monkeypatch.setattr("costsim.ingest.readers._reader_of_lines", lambda _source: None)
    assert at_once == read(*logs, home=tmp_path).table()
    assert at_once["source_line"].to_pylist()[:8] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_line_that_is_no_utf_8_is_a_reject_with_its_place(read: Read) -> None:
    log = read(calls(2) + b"\xff\xfe\xfd\n" + lines(call(7)))
    assert log.source.calls == 3
    assert [where.rpartition(":")[2] for where, _ in log.rejects] == ["3"]
    assert log.adds_up()


def test_bytes_that_are_no_utf_8_in_a_line_that_is_no_call_end_nothing(read: Read) -> None:
    log = read(calls(2) + b'{"level": "info", "message": "\xff"}\n')
    assert log.source.calls == 2
    assert log.adds_up()


def test_nesting_without_end_is_a_reject(read: Read) -> None:
    log = read(calls(1) + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n" + b"[" * 100_000 + b"\n" + lines(call(5)))
    assert log.source.calls == 2
    assert [reason for _, reason in log.rejects] == ["nested too deeply"] * 2


@pytest.mark.parametrize("rubbish", [b"x" * 50_000_000, b'{"a": "' + b"x" * 50_000_000])
def test_a_line_of_50_mb_of_rubbish_is_one_reject(read: Read, rubbish: bytes) -> None:
    log = read(calls(1) + rubbish + b"\n" + lines(call(5)))
    assert (log.source.calls, log.source.rejected) == (2, 1)


def test_a_call_with_a_text_of_50_mb_is_a_call(read: Read) -> None:
    long = call(1, request={"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": "word " * 10_000_000}]})
    assert read(lines(call(0), long, call(2))).source.calls == 3


def test_rubbish_at_the_start_does_not_hide_what_the_file_is(read: Read) -> None:
    log = read(b"starting up, version 3\n" * 40 + b"{cut of\n" * 40 + calls(3))
    assert (log.source.calls, log.source.rejected) == (3, 80)
    assert log.adds_up()


def test_a_last_line_that_is_being_written_is_a_reject(read: Read) -> None:
    log = read(calls(3)[:-40])
    assert (log.source.calls, log.source.rejected) == (2, 1)
    assert log.rejects[0][1] == "cut off in the middle"


def test_a_line_with_nan_is_a_call(read: Read) -> None:
    log = read(lines(call(0), json.dumps(call(1, score=float("nan"))).encode()))
    assert log.source.calls == 2


@pytest.mark.parametrize("place", ["chatcmpl-1", "Sort ticket 1", "gpt-5.4-mini", "triage"])
def test_a_lone_surrogate_costs_no_call(read: Read, place: str) -> None:
    log = read(lines(call(0), json.dumps(call(1)).replace(place, "\\ud83d" + place).encode(), call(2)))
    assert log.source.calls == 3


def test_objects_that_a_writer_ran_together_are_each_a_call(read: Read) -> None:
    log = read(lines(json.dumps(call(0)).encode() + json.dumps(call(1)).encode(), call(2)))
    assert log.source.calls == 3
    assert log.adds_up()


@pytest.mark.parametrize(
    ("usage", "counts", "basis"),
    [
        ({"prompt_tokens": "100", "completion_tokens": "5"}, (100, 5), "logged"),
        ({"prompt_tokens": -5, "completion_tokens": 5}, (None, 5), "invalid"),
        ({"prompt_tokens": 10**15, "completion_tokens": 5}, (None, 5), "invalid"),
        ({"prompt_tokens": 10**25, "completion_tokens": 5}, (None, 5), "invalid"),
    ],
)
def test_impossible_counts_are_unknown_and_it_is_said(read: Read, usage: Any, counts: Any, basis: str) -> None:
    (row,) = read(lines(with_usage(1, usage))).rows()
    assert (row["input_tokens"], row["output_tokens"]) == counts or basis != "logged"
    assert row["tokens_basis"] == basis or usage["prompt_tokens"] == 10**25


def test_a_null_usage_is_counted_from_the_text(read: Read) -> None:
    (row,) = read(lines(with_usage(1, None))).rows()
    assert row["input_tokens"] > 5
    assert row["tokens_basis"] in ("counted", "estimated")


def test_a_call_without_a_model_is_a_call(read: Read) -> None:
    made = call(1)
    made["request"]["model"] = made["response"]["model"] = None
    (row,) = read(lines(made)).rows()
    assert row["model"] is None


@pytest.mark.parametrize(
    "when",
    [
        1_790_849_410,
        1_790_849_410_000,
        "2026-10-01T10:10:10Z",
        "2026-10-01T15:40:10+05:30",
        "1790849410",
        1_790_849_410.0,
    ],
)
def test_seconds_milliseconds_and_zones_are_one_moment(read: Read, when: Any) -> None:
    (row,) = read(lines(call(1, timestamp=when))).rows()
    assert row["started_at"] == datetime(2026, 10, 1, 10, 10, 10, tzinfo=UTC)


def test_a_time_that_is_none_is_unknown(read: Read) -> None:
    (row,) = read(lines(call(1, timestamp="yesterday, after tea"))).rows()
    assert row["started_at"] is None


def test_two_formats_in_one_file_are_read_as_each_says(read: Read) -> None:
    log = read(lines(*(record for number in range(10) for record in (call(number), message(number)))))
    assert log.source.calls == 20
    assert sum(row["model"].startswith("claude") for row in log.rows()) == 10


def test_two_formats_in_one_folder_are_read_as_each_says(read: Read, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(calls(3))
    (folder / "b.jsonl").write_bytes(lines(message(1), message(2)))
    (folder / "notes.txt").write_text("nothing of the kind")
    log = read(folder)
    assert [(source.format, source.calls) for source in log.manifest.sources] == [
        ("openai-chat", 3),
        ("anthropic-messages", 2),
    ]
    assert [each.partition(": ")[2].split(" (")[0] for each in log.manifest.skipped] == ["no known log format"]


def test_what_is_appended_while_a_log_is_read_belongs_to_the_next_run(read: Read, tmp_path: Path) -> None:
    log = tmp_path / "growing.jsonl"
    log.write_bytes(calls(3))

    found = find([str(log)], tmp_path)  # the moment between looking and reading
    with log.open("ab") as more:
        more.write(lines(call(8), call(9)))
    (split,) = splits.split(0, found.sources[0])
    assert split.end == len(calls(3))
    assert read(log).source.calls == 5


NULS = b"\0" * 300_000
FOUR = [call(number) for number in range(4)]
LINE_OF_NULS, NULS_INSIDE = "only NUL bytes, as a crash leaves them", "NUL bytes in it, as a crash leaves them"
TABLE = b"model,prompt_tokens,completion_tokens\n" + b"gpt-4o,100,5\n" * 4
CRASHED: list[tuple[str, bytes, int, list[tuple[int, str]]]] = [
    ("a line of NULs", calls(2) + NULS + b"\n" + calls(4), 4, [(3, LINE_OF_NULS)]),
    ("the first line is NULs", NULS + b"\n" + calls(4), 4, [(1, LINE_OF_NULS)]),
    ("NULs before a line", lines(FOUR[0]) + NULS + lines(*FOUR[1:]), 4, []),
    ("NULs at the beginning of the file", NULS + calls(4), 4, []),
    ("half a line, NULs and a line", lines(FOUR[0])[:99] + NULS + lines(*FOUR[1:]), 3, [(1, NULS_INSIDE)]),
    ("a file that was made longer before", calls(4) + NULS, 4, [(5, LINE_OF_NULS)]),
    ("a file that was made longer before, cut off", calls(4)[:-30] + NULS, 3, [(4, NULS_INSIDE)]),
    ("a list", NULS + json.dumps(FOUR, indent=1).encode() + NULS, 4, []),
    ("a table", NULS + TABLE[:51] + NULS + b"\n" + TABLE[51:], 4, [(3, LINE_OF_NULS)]),
]


@pytest.mark.parametrize(
    ("content", "expected", "rejects"), [each[1:] for each in CRASHED], ids=[each[0] for each in CRASHED]
)
def test_nuls_that_a_crash_left_cost_their_own_line(
    read: Read, content: bytes, expected: int, rejects: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = read(content)
    found = log.table().drop(["call_id"])
    assert len(found) == expected
    assert [(int(where.rpartition(":")[2]), reason) for where, reason in log.rejects] == rejects
    assert log.adds_up()
    monkeypatch.setattr(splits, "SPLIT_BYTES", 100_000)
    assert read(content).table().drop(["call_id"]) == found


@pytest.mark.parametrize(
    "content",
    [
        os.urandom(5000) + b"\0",
        b"\0" * 100,
        NULS + os.urandom(5000),
        b"\x89PNG\r\n\x1a\n\0\0\0\0",
        lines(FOUR[0]) + bytes(range(256)) * 40,
        Path(sys.executable).read_bytes()[:300_000],
    ],
    ids=["random", "NULs", "random after NULs", "a picture", "a line and no text", "a program"],
)
def test_a_binary_file_is_no_log(read: Read, content: bytes) -> None:
    with pytest.raises(LogError, match=r"binary file|UTF-16|damaged"):
        read(content)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_with_what_to_do(read: Read, encoding: str) -> None:
    with pytest.raises(LogError, match=r"is UTF-16 .*iconv"):
        read("model,prompt_tokens\ngpt-5,3\n".encode(encoding))


def test_a_failed_call_in_a_file_of_two_formats_is_a_call(read: Read) -> None:
    failed = {**call(4), "response": {"error": {"code": "429", "message": "slow down"}}, "status": 429}
    log = read(lines(call(1), message(2), failed))
    assert log.source.calls == 3


def test_a_table_with_decimal_commas_has_thousands_parted_by_points(read: Read) -> None:
    rows = [f"01.02.2026 10:00:0{n};gpt-4o;1.234;56;0,0123;1,5" for n in range(3)]
    log = read("\n".join(["Zeitstempel;Modell;Eingabe-Token;Ausgabe-Token;Kosten (USD);Dauer_s", *rows]).encode())
    first = log.table().to_pylist()[0]
    assert first["started_at"] == datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert (first["input_tokens"], first["reported_cost"], first["duration_ms"]) == (1234, 12_300_000_000, 1500)


def test_a_file_whose_every_line_is_wrapped_is_of_the_format_inside(read: Read) -> None:
    inside = [json.loads(line) for line in calls(4).splitlines()]
    texts = [{"log": json.dumps(each) + "\n", "stream": "stdout"} for each in inside]
    plain = read(calls(4)).table().column("input_tokens")
    log = read(lines(*texts, {"log": "started\n", "stream": "stdout"}))
    assert log.table().column("input_tokens") == plain
    assert (log.source.calls, log.source.not_calls, log.source.format) == (4, 1, "openai-chat")
    assert log.adds_up()


@pytest.mark.parametrize(
    ("record", "what"),
    [
        ({"resourceMetrics": [{"scopeMetrics": []}]}, "OpenTelemetry metrics"),
        ({"object": "bucket", "start_time": 1767225600, "results": [
            {"model": "gpt-4o", "input_tokens": 900, "output_tokens": 90, "num_model_requests": 5}]}, "usage report"),
        ({"model": "gpt-4o", "input_tokens": 900, "output_tokens": 90, "num_model_requests": 5}, "usage report"),
    ],
)  # fmt: skip
def test_sums_over_many_calls_are_named_and_never_billed_beside_the_calls(
    record: dict[str, Any], what: str, read: Read
) -> None:
    with pytest.raises(LogError, match=what):
        read(lines(record))
