"""Calls of logs that took only a sample of what was asked: what they cost is not what all of it cost."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np

from costsim.summary.priced import Ints
from costsim.summary.words import number

TAG = "sampling_rate"
"""The tag with the share of the requests that a log holds: 0.1 is every tenth."""


def counted(codes: Ints, labels: Sequence[str | None]) -> Counter[float]:
    """Return how many calls are of a sample, by its share of the requests, given the tags of each call."""
    shares = [_share(label) for label in labels]
    if not any(shares):
        return Counter()
    counts = np.bincount(codes, minlength=len(labels)).tolist()
    found: Counter[float] = Counter()
    for share, count in zip(shares, counts, strict=True):
        if share and count:
            found[share] += count
    return found


def said(sampled: Mapping[float, int]) -> Iterator[str]:
    """Yield a sentence for each share: nothing is scaled up, and by how much it would be."""
    for share, calls in sorted(sampled.items()):
        verb = "is" if calls == 1 else "are"
        yield (
            f"{number(calls, 'call')} {verb} a sample of {share:.4g} % of the requests, as the log says: no figure "
            f"here is scaled up; all of them would be about {100 / share:.3g} times as much."
        )


def _share(tags: str | None) -> float | None:
    """The share in percent; None where the tags tell of no sample."""
    if tags is None or TAG not in tags:
        return None
    try:
        share = float(msgspec.json.decode(tags, type=dict[str, str]).get(TAG, 0))
    except (ValueError, msgspec.MsgspecError):
        return None
    return round(share * 100, 6) if 0 < share < 1 else None
