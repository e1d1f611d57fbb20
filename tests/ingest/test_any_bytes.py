"""Whatever bytes a log holds, reading it ends with every line accounted for, or with one line of why it is no log."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.conftest import Log
from tests.ingest.logs import call, message, with_usage

from costsim.errors import LogError
from costsim.ingest.collect import Options, collect
from costsim.ingest.sources import splits
from costsim.ingest.sources.found import Source
from costsim.tasks import Classifier

GOOD = [json.dumps(each).encode() for each in (call(1), message(2), with_usage(3, None), call(1))]
"""A call, one of another format, one without counts, and a copy of the first."""
ROWS = [b"model,prompt_tokens,completion_tokens", b"gpt-5.4,10,2", b'gpt-5.4,"10",2', b"gpt-5.4,10"]
ODD = [
    b"",
    b" ",
    b"\r",
    b"{}",
    b"[]",
    b"null",
    b"[1]",
    b'{"a":',
    b"{",
    b'"',
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b'{"usage": {}}',
    b"NaN",
]

LINES = st.sampled_from([*GOOD, *ROWS, *ODD]) | st.binary(max_size=12)
LOGS = st.lists(LINES, max_size=12).map(b"\n".join) | st.binary(max_size=300)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples."""
    return tmp_path_factory.mktemp("any")


def read(folder: Path, content: bytes, classifier: Classifier, workers: int = 1) -> Log:
    log = folder / "log"
    log.write_bytes(content)
    return Log(collect([str(log)], None, classifier, Options(workers=workers)))


@settings(max_examples=150, deadline=None)
@given(LOGS, st.booleans())
def test_every_line_of_anything_is_accounted_for(
    folder: Path, classifier: Classifier, content: bytes, packed: bool
) -> None:
    try:
        log = read(folder, gzip.compress(content) if packed else content, classifier)
    except LogError as problem:
        said = str(problem)
    else:
        said = ""
    assert "\n" not in said
    if said:
        return
    with log.store:
        assert log.adds_up()
        assert all(where.rpartition(":")[2].isdigit() and reason for where, reason in log.rejects)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from([*GOOD, b"", b"{", b"no json"]), min_size=1, max_size=25),
    st.integers(20, 3000),
    st.booleans(),
)
def test_a_log_cut_into_splits_of_any_size_is_the_same_log(
    folder: Path, classifier: Classifier, parts: list[bytes], size: int, packed: bool
) -> None:
    content = b"\n".join([GOOD[0], *parts])
    whole = read(folder, content, classifier)
    with pytest.MonkeyPatch.context() as patch, whole.store:
        patch.setattr(splits, "SPLIT_BYTES", size)
        cut = read(folder, gzip.compress(content) if packed else content, classifier)
        with cut.store:
            assert cut.table() == whole.table()
            assert cut.rejects == whole.rejects
            assert cut.manifest.sources == whole.manifest.sources


@pytest.mark.parametrize("packed", [False, True])
def test_any_number_of_processes_reads_the_same(
    folder: Path, classifier: Classifier, packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splits, "SPLIT_BYTES", 5_000)
    content = b"\n".join([GOOD[0], b"{", GOOD[1], *(json.dumps(call(number)).encode() for number in range(60))])
    logs = [read(folder, gzip.compress(content) if packed else content, classifier, workers) for workers in (1, 2, 3)]
    assert logs[0].table() == logs[1].table() == logs[2].table()
    assert logs[0].rejects == logs[1].rejects == logs[2].rejects != []
    assert logs[0].manifest.sources == logs[1].manifest.sources == logs[2].manifest.sources
    for log in logs:
        with log.store:
            assert log.adds_up()


@pytest.mark.parametrize("length", [99, 100, 101, 350])
@pytest.mark.parametrize("packed", [False, True])
def test_a_line_longer_than_any_line_of_a_log_is_one_reject(
    folder: Path, classifier: Classifier, length: int, packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from costsim.ingest import records

    first, last = (b'{"model": "m", "prompt_tokens": 1, "completion_tokens": %d}' % count for count in (1, 2))
    for module in (splits, records):
        monkeypatch.setattr(module, "LONGEST_LINE", 100)
    monkeypatch.setattr(splits, "SPLIT_BYTES", 30)
    content = b"\n".join([first, b"x" * length, last])
    log = read(folder, gzip.compress(content) if packed else content, classifier)
    with log.store:
        assert (log.source.calls, log.source.rejected) == (2, 1)
        assert [row["output_tokens"] for row in log.rows()] == [1, 2]


def test_a_file_that_shrank_after_it_was_looked_at_ends(
    folder: Path, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splits, "SPLIT_BYTES", 1_000)
    cut = splits.split

    def truncate_first(number: int, source: Source) -> object:
        for piece in cut(number, source):
            source.path.write_bytes(GOOD[0] + b"\n")
            yield piece

    monkeypatch.setattr(splits, "split", truncate_first)
    log = read(folder, b"\n".join(json.dumps(call(number)).encode() for number in range(20)), classifier)
    with log.store:
        assert log.source.calls == 1
        assert log.adds_up()
