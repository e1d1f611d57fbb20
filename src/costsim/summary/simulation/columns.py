"""The columns of `calls` that a replay of policies reads."""

from collections.abc import Sequence

from costsim.ingest.ties import buckets
from costsim.policies.policy import Policy
from costsim.replay import COLUMNS, timed, trimming
from costsim.summary.simulation import looking
from costsim.summary.simulation import redrawn as redrawing
from costsim.summary.simulation.asking import Ask
from costsim.summary.simulation.runs import MISCLASSIFIED
from costsim.summary.sums import BASIS


def columns_of(ask: Ask, of_buckets: Sequence[str] = buckets.COLUMNS) -> list[str]:
    """Return the columns of `calls` that the replay of these policies reads; `of_buckets` tell the bucket of a call."""
    needed = {"call_id"} if ask.per_call is not None or ask.scores else set()
    needed |= {*COLUMNS, *looking.columns_of(ask), *of_buckets, *BASIS}
    if any(run.control == MISCLASSIFIED for run in ask.runs):
        needed |= set(redrawing.COLUMNS)
    for run in ask.runs:
        needed |= run.policy.columns() | timed.columns(run.policy) | _trimmed(run.policy)
    return sorted(needed | ask.question.selection.columns())


def _trimmed(policy: Policy) -> set[str]:
    """The columns that are read where a policy trims calls."""
    return set(trimming.COLUMNS) if any(levers.trim is not None for levers in policy.all_levers()) else set()
