"""Calls of a store -> Report, in one pass over the batches, each looked at on its own, on all cores."""

from collections.abc import Iterator

import numpy as np

from costsim.engines import ENGINES, local
from costsim.ingest.kept.store import Store
from costsim.ingest.ties import links
from costsim.prices import PriceTable
from costsim.replay import COLUMNS, history
from costsim.summary import assemble, dimensions, observed
from costsim.summary.audit_sums import AuditSums
from costsim.summary.priced import Priced
from costsim.summary.question import Question
from costsim.summary.report import Report

AT_ONCE = 30_000
"""Calls that are summed up at once: so many take as much memory as reading logs does, and more are hardly quicker."""
FEW_BATCHES = 15
"""So many are summed up before a second process would have started."""

_ALWAYS = (
    *COLUMNS, *observed.COLUMNS, *links.NAMES, "task", "task_confidence", "complexity", "route", "operation",
    "modalities", "has_tools", "tokens_basis", "finish_reason", "error_type", "max_output_tokens", "system_tokens",
    "history_tokens", "turns", "streamed", "conversation_id", "tags", "prefix_tokens",
)  # fmt: skip


class _Pass:
    """What every process needs to sum up a batch."""

    def __init__(self, store: Store, prices: PriceTable, question: Question) -> None:
        names = [name for grouping in question.groupings for name in grouping]
        self._store, self._prices, self._question = store, prices, question
        self._columns = sorted({*_ALWAYS, *dimensions.columns(names), *question.selection.columns()})

    def sums_of(self, batches: range) -> AuditSums:
        """Return what batches that follow one another add up to."""
        question, sums = self._question, AuditSums()
        for first, end in self._in_larger_parts(batches):
            calls = question.selection.of(self._store.part(first, end, self._columns), question.timezone)
            replay = history(calls, self._prices, question.as_of, question.mode)
            sums.take(Priced(calls, replay, self._prices, question.mode), question.groupings, question.timezone)
        return sums

    def _in_larger_parts(self, batches: range) -> Iterator[tuple[int, int]]:
        """Some batches at a time, [first, end): to sum up a part costs as much as thousands of its calls."""
        first, rows = batches.start, 0
        for number in batches:
            rows += self._store.manifest.batches[number].rows
            if rows >= AT_ONCE or number + 1 == batches.stop:
                yield first, number + 1
                first, rows = number + 1, 0


def audit(store: Store, prices: PriceTable, question: Question, workers: int | None = None) -> Report:
    """Return what the calls of the store cost, on what, and what is wasted."""
    batches = len(store.manifest.batches)
    workers = workers or local.worth(batches, FEW_BATCHES)
    parts = np.array_split(np.arange(batches), max(1, min(batches, workers * 2)))
    work = [range(part[0], part[-1] + 1) for part in parts if len(part)]
    sums = AuditSums()
    for part in ENGINES["local"].map(_Pass(store, prices, question).sums_of, work, min(workers, len(work))):
        sums.add(part)
    return assemble.report(store.manifest, prices, question, sums)
