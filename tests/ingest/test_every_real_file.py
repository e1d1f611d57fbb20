"""Over all real logs at once: every line of every file is accounted for, whole or with every tenth line cut in half."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.ingest.conftest import Log, Read

SharedFile = Callable[[str], Path]


@pytest.fixture
def logs(shared_file: SharedFile) -> Path:
    return shared_file("logs/PROVENANCE.md").parent


def assert_accounted_for(log: Log, files: int) -> None:
    assert log.adds_up()
    for source in log.manifest.sources:
        assert source.lines == source.calls + source.rejected + source.not_calls, source.name
        assert source.damage is None
    for skipped in log.manifest.skipped:
        name, _, why = skipped.partition(": ")
        assert name
        assert why
    assert len(log.manifest.sources) + len(log.manifest.skipped) == files


def test_every_line_of_every_real_log_is_accounted_for(read: Read, logs: Path) -> None:
    files = sum(path.is_file() for path in logs.rglob("*"))
    log = read(logs)
    assert_accounted_for(log, files)
    assert log.manifest.calls > 2_000


def test_every_tenth_line_cut_in_half_costs_those_lines_only(read: Read, logs: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    files = 0
    for path in logs.rglob("*"):
        if path.is_file():
            lines = path.read_bytes().split(b"\n")
            copy = cut / path.relative_to(logs)
            copy.parent.mkdir(parents=True, exist_ok=True)
            halves = (line[: len(line) // 2] if number % 10 == 9 else line for number, line in enumerate(lines))
            copy.write_bytes(b"\n".join(halves) if path.suffix != ".eval" else path.read_bytes())
            files += 1
    log = read(cut)
    assert_accounted_for(log, files)
    whole = {Path(each.name).relative_to(logs): each for each in read(logs).manifest.sources}
    for source in log.manifest.sources:
        before = whole.get(Path(source.name).relative_to(cut))
        if before is not None and source.name.endswith(".jsonl") and not before.rejected:
            assert source.rejected <= before.lines // 10 + 1, source.name
            assert source.calls >= before.calls - source.rejected - 1, source.name


def test_a_quote_that_is_never_closed_costs_its_own_line(read: Read) -> None:
    rows = [f'gpt-5.4-mini,{number},5,"said ""{number}"",\nand more"' for number in range(40)]
    table = ["model,input_tokens,output_tokens,note", *rows[:10], 'gpt-5.4-mini,7,5,"never closed', *rows[10:]]
    log = read("\n".join(table).encode())
    assert (log.manifest.calls, log.source.rejected) == (40, 1)
    assert log.adds_up()
    (place, reason) = log.rejects[0]
    assert place.endswith(":22")
    assert reason == "a quote is never closed"


def test_a_quote_opened_in_the_middle_of_a_table_does_not_join_rows_that_fit(read: Read) -> None:
    table = ["model,input_tokens,output_tokens"] + [
        'gpt-5.4-mini,7,"5' if number % 10 == 9 else f'"gpt-5.4-mini",{number},5' for number in range(101)
    ]
    log = read("\n".join(table).encode())
    assert (log.manifest.calls, log.source.rejected) == (91, 10)
    assert log.adds_up()
