"""Reading logs as `collect` does, into a folder that is gone after the test."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from costsim.ingest.collect import Options, collect
from costsim.ingest.kept.store import Manifest, SourceCounts, Store
from costsim.tasks import Classifier


@dataclass
class Log:
    """What reading logs came to."""

    store: Store

    @property
    def manifest(self) -> Manifest:
        return self.store.manifest

    @property
    def source(self) -> SourceCounts:
        """The counts of the only source."""
        (only,) = self.manifest.sources
        return only

    @property
    def rejects(self) -> list[tuple[str, str]]:
        return self.manifest.rejects

    def rows(self) -> list[dict[str, Any]]:
        """The calls without copies."""
        return [row for batch in self.store.batches() for row in batch.to_pylist()]

    def table(self) -> pa.Table:
        """The calls as one table, words as plain text, to compare."""
        batches = [
            pa.table([_plain(column) for column in batch.columns], batch.column_names) for batch in self.store.batches()
        ]
        return pa.concat_tables(batches)

    def adds_up(self) -> bool:
        """Whether every line is accounted for."""
        manifest = self.manifest
        lines = sum(source.lines for source in manifest.sources)
        others = sum(source.rejected + source.not_calls for source in manifest.sources)
        stored = sum(batch.num_rows for batch in self.store.batches(["call_id"]))
        return lines == manifest.calls + manifest.duplicates + others and stored == manifest.calls


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


Read = Callable[..., Log]
Counts = tuple[int | None, ...]
"""Of a call: input, output, cache read, cache write."""


def assert_holds(log: Log, name: str, expected: list[Counts]) -> None:
    """A log is of this format, and holds these calls and nothing that is broken."""
    counts = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
    assert log.source.format == name
    assert [tuple(row[each] for each in counts) for row in log.rows()] == expected
    assert log.source.rejected == 0
    assert log.adds_up()


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return Classifier()


@pytest.fixture
def read(tmp_path: Path, classifier: Classifier) -> Read:
    """A function from paths (or a file's bytes) to what reading them came to."""

    def read(*logs: Path | str | bytes, home: Path | None = None, workers: int = 1, **options: Any) -> Log:
        if isinstance(logs[0], bytes):
            (tmp_path / "log").write_bytes(logs[0])
            logs = (tmp_path / "log",)
        return Log(
            collect(
                [str(log) for log in logs],
                home or tmp_path / "home-of-none",
                classifier,
                Options(workers=workers, **options),
            )
        )

    (tmp_path / "home-of-none").mkdir()
    return read
