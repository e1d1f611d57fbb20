"""A file of calls that `ingest` wrote holds the same table, whatever its suffix and however often it goes round."""

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.ingest.logs import call, lines, with_usage

from costsim.app.asked import Asked
from costsim.app.ingest import ingest
from costsim.app.reading import Reading, calls_of
from costsim.app.simulate import Wanted, simulate
from costsim.errors import EvidenceError, UsageError
from costsim.ingest.containers import own_tables
from costsim.ingest.kept import own_parquet
from costsim.ingest.sources import splits
from costsim.ingest.ties import buckets, links
from costsim.schema import FILE_SCHEMA

SUFFIXES = [".parquet", ".csv", ".jsonl"]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log with something in most columns."""
    monkeypatch.chdir(tmp_path)
    rich = call(
        2, user='says "hi", and\nmore', metadata={"team": "a;b", "x": "ü"}, duration_ms=12.5, quality=0.25, attempt=2
    )
    tools = call(3)
    tools["request"]["tools"] = [{"type": "function", "function": {"name": "f"}}]
    failed = {
        **call(4),
        "response": {"error": {"code": "429", "type": "requests", "message": "slow down"}},
        "status": 429,
    }
    odd = with_usage(5, {"prompt_tokens": -1, "completion_tokens": 2**62})
    path = tmp_path / "log.jsonl"
    path.write_bytes(lines(call(1), rich, tools, failed, odd, call(6, timestamp=None), call(1)))
    return path


def table(log: Path, home: Path) -> pa.Table:
    home.mkdir(exist_ok=True)
    with calls_of([str(log)], Reading(home=home)) as store:
        batches = [
            pa.table([_plain(column) for column in batch.columns], batch.column_names) for batch in store.batches()
        ]
        return pa.concat_tables(batches)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_of_calls_reads_back_to_the_same_table(log: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"calls{suffix}"
    done = ingest([str(log)], Reading(home=tmp_path), out)
    assert done.manifest.calls == 6
    assert table(out, tmp_path / "second") == table(log, tmp_path / "first")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_of_calls_goes_round_to_the_same_bytes(log: Path, tmp_path: Path, suffix: str) -> None:
    first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
    ingest([str(log)], Reading(home=tmp_path), first)
    ingest([str(first)], Reading(home=tmp_path), second)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_packed_file_of_calls_is_one_too(log: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"calls{suffix}"
    ingest([str(log)], Reading(home=tmp_path), out)
    packed = tmp_path / f"calls{suffix}.gz"
    packed.write_bytes(gzip.compress(out.read_bytes()))
    assert table(packed, tmp_path / "second") == table(out, tmp_path / "first")


def test_the_columns_of_a_file_are_those_of_the_contract() -> None:
    assert own_tables.recognises(FILE_SCHEMA.names)
    assert not own_tables.recognises(["call_id", "model", "input_tokens"])
    assert FILE_SCHEMA.names[-3:] == ["reported_cost", "cost_usd", "cost_basis"]


def test_a_file_that_cannot_be_written_is_a_mistake_and_leaves_nothing(log: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        ingest([str(log)], Reading(home=tmp_path), tmp_path / "nowhere" / "calls.csv")
    folder = tmp_path / "calls.csv"
    folder.mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        ingest([str(log)], Reading(home=tmp_path), folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".costsim", "calls.csv", "log.jsonl"]


def test_strict_is_not_content_with_rejects(log: Path, tmp_path: Path) -> None:
    log.write_bytes(log.read_bytes() + b"{\n")
    done = ingest([str(log)], Reading(home=tmp_path), tmp_path / "calls.csv")
    done.insist(strict=False)
    with pytest.raises(EvidenceError, match="--strict: 1 rejected line, 1 call without a price"):
        done.insist(strict=True)


def test_a_written_parquet_file_is_replayed_as_it_stands_and_an_altered_one_is_read_like_a_log(
    log: Path, tmp_path: Path
) -> None:
    """What a policy comes to is the same from the log, from the file, and from one that holds the file twice."""
    written, doubled = tmp_path / "calls.parquet", tmp_path / "twice.parquet"
    ingest([str(log)], Reading(home=tmp_path / "a"), written)
    calls = parquet.read_table(written).replace_schema_metadata(None)
    parquet.write_table(pa.concat_tables([calls, calls]), doubled)
    wanted, found = Wanted([Path("three-tier")]), []
    for source in (log, written, doubled):
        home = tmp_path / source.stem
        home.mkdir()
        report = simulate([str(source)], Reading(home=home), Asked(), wanted).report
        found.append((report.baseline, report.policies, report.controls, report.assumptions, report.coverage.calls))
        assert (home / ".costsim").exists() == (source != written)
    assert found[0] == found[1] == found[2]


def test_a_written_parquet_file_says_what_ties_its_calls_together(tmp_path: Path) -> None:
    log, written, names = tmp_path / "log.jsonl", tmp_path / "calls.parquet", ["call_id", *links.NAMES]
    first = call(1)
    again = [{**call(n), "request": first["request"], "response": {**first["response"], "id": n}} for n in range(3)]
    log.write_bytes(lines(*again))
    ingest([str(log)], Reading(home=tmp_path), written)
    own = own_parquet.opened([str(written)])
    assert own is not None
    with own, calls_of([], Reading(home=tmp_path)) as store:
        assert own.part(0, 1, names).equals(store.part(0, 1, names))
        assert own.part(0, 1, names).column("since_answer_ms").to_pylist() == [links.NONE, 1000, 1000]


def test_a_written_parquet_file_has_few_large_row_groups_and_every_calls_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splits, "SPLIT_BYTES", 2_000)
    monkeypatch.setattr(splits, "SMALL", 0)
    log, written = tmp_path / "log.jsonl", tmp_path / "calls.parquet"
    log.write_bytes(lines(*(call(n) for n in range(60))))
    ingest([str(log)], Reading(home=tmp_path), written)
    file = parquet.ParquetFile(written)
    with calls_of([], Reading(home=tmp_path)) as store:
        assert len(store.manifest.batches) > 1 == file.metadata.num_row_groups
        wanted = np.concatenate([buckets.buckets_of(batch) for batch in store.batches()])
    assert file.read().column(buckets.NAME).to_pylist() == wanted.tolist()


def test_a_parquet_file_of_other_columns_is_a_log_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    parquet.write_table(
        pa.table({"model": ["gpt-5.4-mini"] * 2, "input_tokens": [5, 6], "output_tokens": [1, 2]}), path
    )
    report = simulate([str(path)], Reading(home=tmp_path), Asked(), Wanted([Path("three-tier")])).report
    assert report.baseline.calls == 2


def test_a_written_parquet_file_of_fewer_columns_has_nulls_in_them(log: Path, tmp_path: Path) -> None:
    written = tmp_path / "calls.parquet"
    ingest([str(log)], Reading(home=tmp_path), written)
    parquet.write_table(parquet.read_table(written).drop_columns(["complexity", "trace_id"]), written)
    own = own_parquet.opened([str(written)])
    assert own is not None
    with own:
        assert own.part(0, 1, ["call_id", "complexity"]).column("complexity").null_count == own.manifest.calls


def test_a_written_parquet_file_with_a_condition_on_time(log: Path, tmp_path: Path) -> None:
    written = tmp_path / "calls.parquet"
    ingest([str(log)], Reading(home=tmp_path), written)
    asked = Asked(where=["model=gpt-5.4-mini"], since="2020-01-01")
    reports = [
        simulate([str(each)], Reading(home=tmp_path), asked, Wanted([Path("everything-cheapest")])).report
        for each in (log, written)
    ]
    assert reports[0].baseline.calls
    assert reports[0].policies == reports[1].policies


def test_an_interval_of_calls_without_a_time_is_the_same_in_one_file_and_in_two(tmp_path: Path) -> None:
    header = "id,model,input_tokens,output_tokens"
    calls = [f"call-{n},gpt-5.5,{1000 + 37 * n * n % 5000},{100 + n % 7 * 90}" for n in range(60)]
    for name, some in {"whole": calls, "first": calls[:20], "second": calls[20:]}.items():
        (tmp_path / f"{name}.csv").write_text("\n".join([header, *some]))
    whole, parts = (
        simulate([str(tmp_path / f"{name}.csv") for name in names], Reading(), Asked(), Wanted([Path("three-tier")]))
        for names in (["whole"], ["first", "second"])
    )
    assert whole.report.policies[0].interval is not None
    assert parts.report.policies[0].interval == whole.report.policies[0].interval
