"""Logs -> the file that `check` compares with, and the reasons for which it was made anew."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from costsim import prices
from costsim.app import warnings
from costsim.app.asked import Asked, understood
from costsim.app.reading import Progress, Reading, calls_of
from costsim.errors import EvidenceError, UsageError
from costsim.prices import PriceTable
from costsim.summary import dimensions
from costsim.summary.gate import baseline, cases, profile
from costsim.summary.gate.baseline import Accepted, Baseline
from costsim.summary.gate.cases import Pairs
from costsim.summary.gate.figures import Figures
from costsim.summary.printed import money
from costsim.summary.question import Question
from costsim.summary.words import number


def pairs_of(by: str, with_pairs: bool | None) -> Pairs:
    """Return by what calls are paired: prompt, or a tag; UsageError for anything else.

    `with_pairs`: None keeps the cases of small logs only.
    """
    if by != cases.PROMPT and not by.startswith(dimensions.TAG):
        raise UsageError(f"'{by}' is nothing to pair by", where="--pair-by", hint="prompt, or tag:NAME")
    dimensions.parse(by, "--by") if by != cases.PROMPT else None
    most = cases.FEW_PROMPTS if with_pairs is None else None if with_pairs else 0
    return Pairs(by, most)


def figures(
    logs: Sequence[str],
    reading: Reading,
    table: PriceTable,
    question: Question,
    pairs: Pairs,
    groupings: Sequence[str] = (),
    progress: Progress = lambda _done, _total: None,
) -> tuple[Baseline, Figures, list[str]]:
    """Return what the calls of some logs come to, as a baseline and as sums, and what a reader must be told."""
    with calls_of(logs, reading, progress) as store:
        found = profile.figures_of(store, table, question, pairs, reading.workers, groupings)
        return profile.baseline_of(store.manifest, table, question, pairs, found), found, warnings.of(store.manifest)


def baseline_file(
    logs: Sequence[str],
    reading: Reading,
    asked: Asked,
    pairs: Pairs,
    progress: Progress = lambda _done, _total: None,
    *,
    known: Path | None = None,
    reason: str | None = None,
) -> tuple[bytes, str, list[str]]:
    """Return the file for these logs, what it holds in a line, and what must be told of the logs.

    The history of the file `known` goes on.
    """
    question = understood(asked)
    table = prices.load(tuple(asked.prices))
    earlier = _history(known)
    found, _, said = figures(logs, reading, table, question, pairs, (), progress)
    if not found.counted.calls:
        hint = "see `costsim audit`" if question.selection.everything else "the conditions leave none"
        raise EvidenceError("no calls", hint=hint)
    if not found.counted.priced:
        raise EvidenceError(f"none of {found.counted.calls:,} calls has a price", hint="see `costsim audit`")
    found.history = [*earlier, _accepted(found, reason or "first baseline")]
    return baseline.encoded(found), _held(found), said


def _held(found: Baseline) -> str:
    """What the file holds, in one line."""
    counted, routes = found.counted, len({cell.route for cell in found.cells})
    of_calls = f"{number(counted.calls, 'call')} on {number(routes, 'route')}"
    return f"{of_calls}, {counted.calls - counted.priced:,} without a price"


def _history(known: Path | None) -> list[Accepted]:
    if known is None or not known.exists():
        return []
    return baseline.read(known, "remove it first").history


def _accepted(found: Baseline, reason: str) -> Accepted:
    cost = sum(baseline.amount(cell.cost_usd) for cell in found.cells)
    calls = sum(cell.calls for cell in found.cells)
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Accepted(moment, reason, calls, money(round(cost / calls)) if calls else None)
