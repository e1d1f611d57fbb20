"""Hand-made calls of a provider of our own making, with prices that are easy to add up by hand."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from tests.prices.tables import make_table

from costsim.ingest.kept.store import VERSION, Manifest, SourceCounts, Store, StoredBatch
from costsim.ingest.ties import links
from costsim.prices import PriceTable
from costsim.replay import CostMode, history
from costsim.schema import SCHEMA
from costsim.summary.audit import audit
from costsim.summary.audit_sums import AuditSums
from costsim.summary.findings import Case
from costsim.summary.priced import Priced
from costsim.summary.question import Question
from costsim.summary.report import Report

USD = 10**12
MILLION = 10**6
SECOND = MILLION
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
Row = Mapping[str, Any]

PRICES = """
provider: acme
checked: 2026-11-17
small_model: small
models:
  - model: big
    cache: {min_tokens: 1000}
    prices:
      - rates: {input: "10", cache_read: "1", cache_write: "12.5", cache_write_1h: "20", output: "50", web_search: "10"}
        above:
          - tokens: 100000
            rates: {input: "20", cache_read: "2", cache_write: "25", cache_write_1h: "40", output: "100"}
        tiers:
          batch: {rates: {input: "5", cache_read: "0.5", cache_write: "6.25", cache_write_1h: "10", output: "25"}}
  - model: small
    prices: [{rates: {input: "1", cache_read: "0.1", output: "5"}}]
  - model: nearly
    prices: [{rates: {input: "1.5", output: "7.5"}}]
  - model: changed
    prices:
      - {from: 2026-01-01, rates: {input: "10", output: "10"}}
      - {from: 2026-07-01, rates: {input: "4", output: "4"}}
"""


@cache
def prices() -> PriceTable:
    return make_table(PRICES)


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def micros(moment: str) -> int:
    return int(at(moment).timestamp()) * SECOND


USUAL: dict[str, Any] = {
    "started_at": micros("2026-10-05T12:00"),
    "provider": "acme",
    "model": "big",
    "operation": "chat",
    "status": "ok",
    "billed": True,
    "tokens_basis": "logged",
    "route": "desk",
    "task": "question_answering",
    "task_confidence": 0.9,
    "complexity": "moderate",
    "input_tokens": 0,
    "output_tokens": 0,
    "source": "openai-chat",
    "source_file": "a.jsonl",
}
"""What a call is where its test does not say otherwise."""


def table(*rows: Row) -> pa.Table:
    """Return the calls as a table, with the columns of links, -1 where a test does not say."""
    rows = tuple(USUAL | dict(row) for row in rows)
    columns = {field.name: _column([row.get(field.name) for row in rows], field.type) for field in SCHEMA}
    for name in links.NAMES:
        columns[name] = pa.array([row.get(name, links.NONE) for row in rows], pa.int32())
    return pa.table(columns)


def _column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, kind)


def priced(*rows: Row, mode: CostMode = "auto") -> Priced:
    calls = table(*rows)
    return Priced(calls, history(calls, prices(), mode=mode), prices(), mode)


def sums(*rows: Row, groupings: Sequence[tuple[str, ...]] = (("route",),), timezone: str = "UTC") -> AuditSums:
    found = AuditSums()
    found.take(priced(*rows), groupings, timezone)
    return found


def cases(finding: str, *rows: Row) -> list[Case]:
    """Return the cases of one finding, the largest saving first."""
    return sorted(sums(*rows).all_cases()[finding], key=lambda case: -case.saving)


def found(finding: str, *rows: Row) -> Case:
    """Return the only case of one finding."""
    (case,) = cases(finding, *rows)
    return case


class Held(Store):
    """A store of calls in memory, with the links that the rows state."""

    def __init__(self, *batches: Sequence[Row]) -> None:
        stored = [StoredBatch(f"calls-{number}", len(rows), 0) for number, rows in enumerate(batches)]
        calls = sum(map(len, batches))
        sources = [SourceCounts("a.jsonl", "openai-chat", calls + 3, calls, 1, 2)]
        super().__init__(Path(), Manifest(VERSION, sources, stored, [("a.jsonl:7", "cut off")]))
        self._tables = [table(*rows) for rows in batches]

    def part(self, first: int, end: int, columns: Sequence[str] | None = None) -> pa.Table:
        whole = pa.concat_tables(self._tables[first:end]).unify_dictionaries().combine_chunks()
        return whole.select(list(columns or SCHEMA.names))


def report(*rows: Row, question: Question | None = None) -> Report:
    """Return the report on these calls."""
    return audit(Held(rows), prices(), question or Question(), workers=1)
