"""What the figures of every report rest on, as sums of one batch of calls, and how the sums of all batches add up."""

from collections import Counter
from collections.abc import Mapping

import msgspec
import numpy as np
from msgspec.structs import asdict

from costsim import cost
from costsim.replay import COMPUTED, REPORTED, UNPRICED
from costsim.schema import DATED_FROM
from costsim.summary import sampled
from costsim.summary.adding import add_all, add_to
from costsim.summary.priced import Ints, Priced
from costsim.summary.tally import crossed, sums_by, total

BASIS = ("tokens_basis", "task_confidence", "tags")
"""Columns of `calls` that tell what figures rest on, beside those of a replay."""

UNSURE = 0.6
"""Below this confidence, a task counts as not known."""
NO_REPORT = "no reported cost"

UnpricedKey = tuple[str | None, str | None]


class Basis(msgspec.Struct):
    """Calls by what their figures rest on."""

    computed: int = 0
    reported: int = 0
    charged: int = 0
    """Of the reported ones, those whose router says that it charged something else than their list price."""
    unbilled: int = 0
    before_first: int = 0
    """Priced with their model's first known price, although older."""
    without_tier: int = 0
    without_time: int = 0
    writes_without_lifetime: int = 0
    unsure_cost: int = 0
    """What the calls cost whose task is not known with a confidence of UNSURE."""
    undated: int = 0
    """Calls without a time, whether or not they have a price."""
    undated_priced: int = 0
    undated_cost: int = 0
    """What they cost; of a replay in cells, those of no cell."""

    def add(self, other: "Basis") -> None:
        """Add other calls."""
        for name, count in asdict(other).items():
            setattr(self, name, getattr(self, name) + count)


class Sums(msgspec.Struct):
    """What all batches add up to of that which any report rests on: costs by unit, times, prices that are missing."""

    parts: Counter[str] = msgspec.field(default_factory=Counter)
    """Unit -> computed cost."""
    bases: Counter[str] = msgspec.field(default_factory=Counter)
    """Tokens basis -> billed calls."""
    basis: Basis = msgspec.field(default_factory=Basis)
    sampled: Counter[float] = msgspec.field(default_factory=Counter)
    """Share of the requests that a log took, in percent -> calls."""
    reasons: Counter[str] = msgspec.field(default_factory=Counter)
    unpriced: dict[UnpricedKey, list[int]] = msgspec.field(default_factory=dict)
    """(model, provider) -> calls, input and output tokens without a price."""
    first_at: int | None = None
    last_at: int | None = None

    def take_basis(self, priced: Priced) -> None:
        """Add a batch of calls."""
        self.sampled.update(sampled.counted(*priced.word("tags")))
        self._take_costs(priced)
        self.take_times(priced.number("started_at"))
        self._take_unpriced(priced)

    def add(self, other: "Sums") -> None:
        """Add the sums of other batches."""
        for mine, more in ((self.parts, other.parts), (self.bases, other.bases), (self.reasons, other.reasons)):
            mine.update(more)
        self.sampled.update(other.sampled)
        self.basis.add(other.basis)
        add_all(self.unpriced, other.unpriced)
        self.first_at = min((at for at in (self.first_at, other.first_at) if at is not None), default=None)
        self.last_at = max((at for at in (self.last_at, other.last_at) if at is not None), default=None)

    def _take_costs(self, priced: Priced) -> None:
        replay = priced.replay
        computed, billed = replay.basis == COMPUTED, replay.attempts.billed
        for unit, part in replay.costs.parts.items():
            self.parts[unit] += total(np.where(computed, part, 0))
        written = priced.count("cache_write_tokens") > 0
        sure = priced.calls.column("task_confidence").to_numpy() >= UNSURE
        guessed = priced.among("operation", {"chat", "completion"})
        undated = priced.number("started_at") < DATED_FROM
        self.basis.add(
            Basis(
                computed=int(computed.sum()),
                reported=int((replay.basis == REPORTED).sum()),
                charged=int(((replay.basis == REPORTED) & replay.costs.known).sum()),
                unbilled=int((~billed).sum()),
                before_first=int((replay.costs.before_first & computed & billed).sum()),
                without_tier=int((~priced.stated("service_tier") & computed & billed).sum()),
                without_time=int((undated & computed & billed).sum()),
                writes_without_lifetime=int((written & computed & ~priced.stated("cache_write_1h_tokens")).sum()),
                unsure_cost=total(np.where(~sure & guessed, replay.cost, 0)),
                undated=int(undated.sum()),
                undated_priced=int((undated & replay.known).sum()),
                undated_cost=total(np.where(undated, replay.cost, 0)),
            )
        )
        codes, labels = priced.word("tokens_basis")
        counts = np.bincount(codes[billed], minlength=len(labels)).tolist()
        self.bases.update({label or "unknown": count for label, count in zip(labels, counts, strict=True) if count})

    def take_computed(self, calls: int, before_first: int, undated: int, bases: Mapping[str, int]) -> None:
        """Add calls that are billed and have a computed price: what a replay in cells knows of them, but for times."""
        self.basis.add(Basis(computed=calls, before_first=before_first, undated=undated, undated_priced=undated))
        self.bases.update(bases)

    def take_times(self, at: Ints) -> None:
        """Add when calls were made."""
        if not len(at) or at.min() < DATED_FROM:
            at = at[at >= DATED_FROM]
        if len(at):
            first, last = int(at.min()), int(at.max())
            self.first_at = first if self.first_at is None else min(self.first_at, first)
            self.last_at = last if self.last_at is None else max(self.last_at, last)

    def _take_unpriced(self, priced: Priced) -> None:
        rows = np.flatnonzero(priced.replay.basis == UNPRICED)
        if not len(rows):
            return
        if priced.mode == "reported":
            self.reasons[NO_REPORT] += len(rows)
            return
        reasons = priced.replay.costs.reason[rows]
        counts = np.bincount(reasons, minlength=len(cost.REASONS)).tolist()
        self.reasons.update({reason: count for reason, count in zip(cost.REASONS, counts, strict=True) if count})
        unknown = rows[reasons == cost.NO_PRICE]
        codes, keys = crossed([_at(priced, "model", unknown), _at(priced, "provider", unknown)], len(unknown))
        counted = [priced.count(name)[unknown] for name in ("input_tokens", "output_tokens")]
        columns = [np.ones(len(unknown), np.int64), *counted]
        for key, *sums in zip(keys, *(sums_by(codes, len(keys), column) for column in columns), strict=True):
            add_to(self.unpriced, (key[0], key[1]), sums)


def _at(priced: Priced, name: str, rows: Ints) -> tuple[Ints, list[str | None]]:
    codes, labels = priced.word(name)
    return codes[rows], labels
