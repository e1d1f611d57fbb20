"""What a replay of one batch yields: its legs with their cost, and what became of every call."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import asdict, replace

from costsim.cost import Usage
from costsim.policies.attempts import WHOLE, Bools, Ints, Leg
from costsim.policies.levers.prompt_cache import NONE, CacheUse

NO_RULE = -1
"""The rule of a call that no rule took."""


class Spent(msgspec.Struct, frozen=True):
    """One leg with what it costs."""

    rule: int
    leg: Leg
    usage: Usage
    cost: Ints
    """Of each request in 10^-12 USD, whatever its share; 0 where not known."""
    known: Bools
    output: Ints | None = None
    """The part of the cost that was paid for output; None where the requests are those of the log."""
    alone: Ints | None = None
    """What each request would cost without the answer that was carried into it; None where none was."""

    def part(self, which: Bools) -> "Spent":
        """Return some of the requests."""
        if which.all():
            return self
        columns: dict[str, Any] = {
            name: column[which] for name, column in asdict(self).items() if isinstance(column, np.ndarray)
        }
        return replace(self, leg=self.leg.part(which), usage=self.usage.part(which), **columns)


class Solved(msgspec.Struct, frozen=True):
    """What can only be known of a batch by looking at all calls in the order of time."""

    over: Bools | None = None
    """Calls that come when their budget is spent."""
    served: Bools | None = None
    """Calls that are answered from the response cache."""
    model: Ints | None = None
    """The model that a conversation stays on; -1 where it has none yet."""
    cached: Mapping[int, CacheUse] = msgspec.field(default_factory=dict)
    """Place of a leg -> cached tokens that its requests read and write; NONE where they keep what was logged."""
    lost: Ints | None = None
    """Tokens that each call read from the cache as logged, and does not where it stays: those before it moved."""


class Lost(msgspec.Struct, frozen=True):
    """Calls that stay where they were and find less in the cache than they did."""

    rows: Ints
    tokens: Ints
    cost: Ints
    """What each of them costs more for it, in 10^-12 USD."""


class Simulated(msgspec.Struct, frozen=True):
    """A batch of calls under a policy."""

    rule: Ints
    """The rule that took each call; NO_RULE for none."""
    spent: Sequence[Spent]
    """Legs of the calls that go by the policy; all of them have a known cost."""
    kept: Bools
    """Calls that cost what they did: no rule took them, no model could do them, or a price is not known."""
    unroutable: Bools
    unpriced: Bools
    """Calls that a rule took, and whose price then or now is not known."""
    served: Bools
    """Calls that are answered from the response cache, at no cost."""
    lost: Lost | None = None
    """What calls that stay do not find in the cache; None where nothing is."""
    more: Ints | None = None
    """What calls that are kept as they were cost more than they did, of all calls; None where nothing."""
    used: Usage | None = None
    """What calls use that are kept, where that is not all as logged."""

    def cost_kept(self, cost: Ints) -> Ints:
        """Return what calls cost that are kept, given what they did."""
        return cost if self.more is None else cost + self.more


NOTHING_SOLVED = Solved()

NANO = 1000
"""10^-9 USD in 10^-12."""
_PART = WHOLE // 10**6
_MOST = 9 * 10**12


def billed_part(billed: Any) -> Any:
    """Return the part of a call that is billed in 10^-6, of one in 10^-9."""
    return billed // _PART


def expected_cost(cost: Ints, part: Ints) -> Ints:
    """Return what requests are expected to cost, in 10^-15 USD, as intervals have it: each of 10^-9 to 9,000 USD.

    `cost` is in 10^-12 USD, `part` what of it is billed in 10^-6.
    """
    found: Ints = nano_dollars(cost) * part
    return found


def nano_dollars(cost: Ints) -> Ints:
    """Return what requests cost in 10^-9 USD, given 10^-12: cut to whole ones, and no more than 9,000 USD each."""
    return np.minimum(cost // NANO, _MOST)


def with_cache(usage: Usage, use: CacheUse) -> Usage:
    """Return the usage with simulated cache reads and writes; NONE leaves what was known; none reads too much."""
    most = np.maximum(usage.input_tokens, 0)
    reads = np.minimum(np.maximum(use.read, 0), most)
    writes = np.minimum(np.maximum(use.write, 0), most - reads)
    columns = {
        "cache_read_tokens": reads,
        "cache_write_tokens": writes,
        "cache_write_1h_tokens": np.minimum(np.maximum(use.write_1h, 0), writes),
    }
    changed: dict[str, Any] = {}
    for name, simulated in columns.items():
        known = getattr(usage, name)
        changed[name] = np.where(use.read == NONE, -1 if known is None else known, simulated)
    return replace(usage, **changed)
