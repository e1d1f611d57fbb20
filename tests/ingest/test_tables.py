"""A call may be a row of a table, in Parquet or CSV; a row that does not fit costs no other one."""

import gzip
import io
import random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.ingest.conftest import Read

from costsim.errors import LogError


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


def test_a_column_states_the_task_where_it_names_one(read: Read) -> None:
    rows = [
        ("Question Answering", ""),
        ("summarization", "Translate to French: hello"),
        ("unknown", ""),
        ("triage", ""),
    ]
    lines = [f"gpt-5.4,1,1,{task},{prompt}" for task, prompt in rows]
    log = read("\n".join(["model,prompt_tokens,completion_tokens,task,prompt", *lines]).encode())
    assert [(row["task"], row["task_confidence"]) for row in log.rows()] == [
        ("question_answering", 1), ("summarization", 1), ("unknown", 0), ("unknown", 0),
    ]  # fmt: skip
    assert '"task":"triage"' in log.rows()[3]["tags"]


def test_turns_are_those_of_the_text_else_what_a_column_says(read: Read) -> None:
    lines = [f"gpt-5.4,1,1,{turns},{prompt}" for turns, prompt in (("7", ""), ("7", "Hi"), ("9" * 20, ""), ("-1", ""))]
    rows = read("\n".join(["model,prompt_tokens,completion_tokens,turns,prompt", *lines]).encode()).rows()
    assert [(row["turns"], row["tokens_basis"]) for row in rows] == [(7, "logged"), (1, "logged"), (None, "logged"),
                                                                     (None, "logged")]  # fmt: skip


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
    draw = random.Random(1)  # what hardly packs
    rows = b"".join(b"gpt-5.4,%d %s,10,2\n" % (number, draw.randbytes(9).hex().encode()) for number in range(20_000))
    packed = gzip.compress(HEADER + rows)
    log = read(packed[: len(packed) // 2])
    assert 5_000 < log.source.calls < 15_000
    assert (log.source.damage or "").startswith("cut off after ")
