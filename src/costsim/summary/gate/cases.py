"""What each prompt or test case cost, so that the same ones can be compared."""

import msgspec
import numpy as np

from costsim.ingest import hashing
from costsim.summary import dimensions
from costsim.summary.gate.baseline import Pairing
from costsim.summary.priced import Bools, Ints, Priced
from costsim.summary.printed import money
from costsim.summary.tally import sums_by

PROMPT = "prompt"
FEW_PROMPTS = 2_000
"""A baseline of no more different prompts keeps each one's cost without being asked."""

Cases = dict[tuple[str | None, str], list[int]]
"""(route, hash) -> calls, cost in 10^-12 USD."""


class Pairs(msgspec.Struct, frozen=True):
    """By what calls are paired, and how many pairs are worth their place."""

    by: str = PROMPT
    most: int | None = FEW_PROMPTS
    """None: all there are; 0: none are wanted."""

    def few(self, cases: Cases | None) -> Cases | None:
        """Return the cases; None where they are too many."""
        return None if cases is None or (self.most is not None and len(cases) > self.most) else cases


def take(cases: Cases, priced: Priced, rows: Ints, pairs: Pairs, timezone: str) -> None:
    """Add some calls to the cases that they are of."""
    hashes, stated = _hashes(priced, pairs, timezone)
    rows = rows[stated[rows]]
    codes, labels = priced.word("route")
    keys = np.stack([codes[rows].astype(np.uint64), hashes[rows]], axis=1)
    distinct, which = np.unique(keys, axis=0, return_inverse=True)
    costs = sums_by(which.ravel(), len(distinct), priced.replay.cost[rows])
    counts = np.bincount(which.ravel(), minlength=len(distinct)).tolist()
    for (route, case), calls, cost in zip(distinct.tolist(), counts, costs, strict=True):
        known = cases.setdefault((labels[route], f"{case:016x}"), [0, 0])
        known[0] += calls
        known[1] += cost


def _hashes(priced: Priced, pairs: Pairs, timezone: str) -> tuple[hashing.Hashes, Bools]:
    """The case of each call, and whether it has one."""
    if pairs.by == PROMPT:
        prompts = priced.calls.column("prompt_hash").combine_chunks()
        return prompts.fill_null(0).to_numpy().astype(np.uint64), prompts.is_valid().to_numpy(zero_copy_only=False)
    codes, labels = dimensions.codes(priced.calls, pairs.by, timezone)
    stated = np.array([label is not None for label in labels], np.bool_)
    return hashing.of_words([label or "" for label in labels])[codes], stated[codes]


def pairing_of(pairs: Pairs, cases: Cases | None) -> Pairing | None:
    """Return the cases as a baseline keeps them."""
    if not cases:
        return None
    found: dict[str, dict[str, tuple[int, str]]] = {}
    for (route, case), (calls, cost) in cases.items():
        found.setdefault(route or "", {})[case] = (calls, money(cost))
    return Pairing(pairs.by, found)
