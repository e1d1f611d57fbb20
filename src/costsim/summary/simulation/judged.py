"""From sums over scored calls to what is said of quality: scores, and the measures of papers on routing."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from costsim.prices import PriceTable
from costsim.summary.simulation import curves
from costsim.summary.simulation.curves import Point
from costsim.summary.simulation.quality import AFTER, BEFORE, CALLS, COST, QualitySums
from costsim.summary.simulation.report import FailurePair, Quality
from costsim.summary.simulation.runs import CHEAPEST, STRONGEST, Run
from costsim.summary.simulation.sums import PolicySums

_HALF, _MOST = 0.5, 0.8


def quality(
    place: int, calls: int, runs: Sequence[Run], sums: Sequence[PolicySums], prices: PriceTable
) -> Quality | None:
    """Return how good the answers of a policy are; None where they have no scores."""
    own = sums[place].quality
    scored = own.total(CALLS)
    if not scored:
        return None
    points = Decimal(own.total(AFTER)).scaleb(-6)
    cost = Decimal(own.total(COST)).scaleb(-9)
    found = Quality(
        scored_calls=scored,
        share=scored / calls,
        score=_score(own),
        logged_score=own.total(BEFORE) / scored / 10**6,
        cost_per_point_usd=f"{(cost / points).quantize(Decimal('1e-9')):f}" if points else None,
        failures=list(_failures(own, prices)),
    )
    _fill_measures(found, place, runs, sums, prices)
    return found


def of_route(own: QualitySums, rule: int) -> tuple[int, float | None, float | None]:
    """Return how many calls of a rule are scored, and their mean scores under the policy and as logged."""
    row = own.rules.get(rule)
    return (row[CALLS], row[AFTER] / row[CALLS] / 10**6, row[BEFORE] / row[CALLS] / 10**6) if row else (0, None, None)


def _fill_measures(
    found: Quality, place: int, runs: Sequence[Run], sums: Sequence[PolicySums], prices: PriceTable
) -> None:
    """PGR, APGR, CPT and AIQ, over calls with scores under the policy and on its cheapest and strongest models."""
    both = ends(place, runs)
    calls = sums[place].compared.total(CALLS)
    if both is None or not calls:
        return
    tried = (number for number, run in enumerate(runs) if run.of == place and run.point is not None)
    judged = {number: sums[number].compared for number in (*both, place, *tried)}
    judged = {number: each for number, each in judged.items() if each.total(CALLS) == calls}
    found.compared_calls = calls
    found.aiq = _mean_score(judged, *both)
    _fill_gaps(found, judged, place, both, prices.index_of(None, runs[both[1]].model or ""))


def ends(place: int, runs: Sequence[Run]) -> tuple[int, int] | None:
    """Return the runs of everything on a policy's cheapest and strongest models, what a router is measured by."""
    of_control = {run.control: number for number, run in enumerate(runs) if run.of == place}
    if CHEAPEST not in of_control or STRONGEST not in of_control:
        return None
    return of_control[CHEAPEST], of_control[STRONGEST]


def _mean_score(judged: Mapping[int, QualitySums], weak: int, strong: int) -> float | None:
    """AIQ: the mean score over all budgets from that of the cheapest to that of the strongest models."""
    low, high = (judged[each].total(COST) / judged[each].total(CALLS) for each in (weak, strong))
    corners = curves.hull((each.total(COST) / each.total(CALLS), _score(each)) for each in judged.values())
    return curves.mean(corners, low, high) if low < high else None


def _score(sums: QualitySums) -> float:
    return sums.total(AFTER) / sums.total(CALLS) / 10**6


def _fill_gaps(
    found: Quality, judged: Mapping[int, QualitySums], place: int, ends: tuple[int, int], strong: int
) -> None:
    """PGR, and its curve over the share of calls that ask the strongest model."""
    low, high = (_score(judged[end]) for end in ends)
    if low == high:
        return
    recovered = {number: (_score(each) - low) / (high - low) for number, each in judged.items()}
    found.gap_recovered = recovered[place]
    corners = curves.hull(_shares(judged, recovered, strong))
    if low < high and len(corners) > 1:
        found.apgr = curves.mean(corners, 0.0, 1.0)
        found.cpt_50, found.cpt_80 = curves.reached(corners, _HALF), curves.reached(corners, _MOST)


def _shares(judged: Mapping[int, QualitySums], recovered: Mapping[int, float], strong: int) -> Iterator[Point]:
    for number, each in judged.items():
        asked = each.requests.get(strong, [0])[0] / 10**9 / each.total(CALLS)
        yield min(asked, 1.0), recovered[number]


def _failures(own: QualitySums, prices: PriceTable) -> Iterator[FailurePair]:
    """How often two models fail together, beside what it would be if their failures were independent."""
    for (first, second), (calls, fails, fails_too, both) in sorted(own.pairs.items()):
        one, other = fails / calls, fails_too / calls
        spread = (one * (1 - one) * other * (1 - other)) ** 0.5
        yield FailurePair(
            models=[prices.book.keys[first], prices.book.keys[second]],
            calls=calls,
            fails=[one, other],
            both_fail=both / calls,
            if_independent=one * other,
            correlation=(both / calls - one * other) / spread if spread else None,
        )
