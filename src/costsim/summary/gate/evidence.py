"""What must be there before a comparison means anything."""

from collections.abc import Sequence

from costsim.summary.gate.baseline import Baseline
from costsim.summary.gate.limits import Limits
from costsim.summary.gate.lines import ROUTE, Compared
from costsim.summary.words import number

TOO_FEW = "only"
"""How a line of `missing` begins that concerns some routes and not the comparison as a whole."""


def missing_of(
    before: Baseline, now: Baseline, limits: Limits, compared: Sequence[Compared], other_prices: bool
) -> list[str]:
    """Return what keeps a verdict from meaning anything, one line each."""
    found = []
    if before.prices.hash != now.prices.hash and not other_prices:
        found.append(
            f"the baseline was priced with another price table ({_newest(before, now)}); make it anew with "
            "`costsim baseline`, or compare all the same with --other-prices"
        )
    for name, side in (("the baseline", before), ("this log", now)):
        found += _thin(name, side, limits)
    if not found:
        found += _too_few(compared, limits)
    return found


def _newest(before: Baseline, now: Baseline) -> str:
    """How two price tables differ, as far as a reader can tell."""
    old, new = before.prices.newest, now.prices.newest
    if old != new:
        return f"newest {old}, now {new}"
    return f"newest {new} in both: other files of --prices, or of another version of costsim"


def _thin(name: str, side: Baseline, limits: Limits) -> list[str]:
    counted, found = side.counted, []
    if not counted.priced:
        return [f"{name} has no call{' with a price' if counted.calls else ''}"]
    unpriced = (counted.calls - counted.priced) / counted.calls
    if unpriced > limits.max_unpriced:
        found.append(
            f"{counted.calls - counted.priced:,} of {counted.calls:,} calls of {name} have no price "
            f"(--max-unpriced {limits.max_unpriced:g}; add them with --prices)"
        )
    rejected = counted.rejected / max(counted.rejected + counted.calls, 1)
    if rejected > limits.max_rejected:
        found.append(
            f"{counted.rejected:,} lines of {name} could not be read (--max-rejected {limits.max_rejected:g}; "
            "see `costsim audit --rejects`)"
        )
    return found


def _too_few(compared: Sequence[Compared], limits: Limits) -> list[str]:
    routes = [each for each in compared if each.scope == ROUTE] or list(compared[:1])
    silent = [each for each in routes if each.test is None]
    cost, judged = sum(each.cost for each in routes), sum(each.cost for each in routes if each.test is not None)
    if compared[0].test is not None and judged >= limits.min_judged * cost:
        return []
    return [
        f"{TOO_FEW} {number(min(each.calls_before, each.calls_now), 'call')} on {_called(each)}, "
        f"{limits.min_calls} needed (--min-calls)"
        for each in silent or compared[:1]
    ]


def _called(each: Compared) -> str:
    return "routes that both logs have" if each.scope != ROUTE else f"route '{each.key or 'none'}'"
