"""How often `check` raises a false alarm, and finds what is there.

    python -m scripts.evaluate_gate 200 --outcomes outcomes.parquet

Logs are drawn, conversation by conversation, from the sample logs, and from public outcomes (the same prompts answered
by many models) where their file is named; what is changed is known. Figures of docs/decisions/gate.md.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scripts.command_line import file, parser_of
from scripts.drawn_logs import (
    CALLS_OF_A_ROUTE,
    SAMPLES,
    TOKENS,
    Draw,
    Pool,
    dearer,
    drawn,
    drawn_of_routes,
    outcome_pool,
    sample_pools,
    two_logs,
)

from costsim import prices
from costsim.ingest.kept.store import VERSION, Manifest
from costsim.replay import history
from costsim.summary.gate import profile
from costsim.summary.gate.baseline import Baseline
from costsim.summary.gate.budgets import Spending
from costsim.summary.gate.cases import Pairs
from costsim.summary.gate.judge import NAMES, judge
from costsim.summary.gate.limits import Limits
from costsim.summary.gate.report import CheckReport, Line
from costsim.summary.gate.summing import Summing
from costsim.summary.question import Question

RERUN_NOISE = 0.1
"""Spread of the output tokens of a prompt that is answered again (standard deviation of the logarithm).

Of 415 prompts that public logs hold more than once, the median spreads by 0.02 and a quarter by 0.16 or more.
"""


class Simulator:
    """Draws logs and judges them."""

    def __init__(self, limits: Limits) -> None:
        self.table, self.question, self.limits = prices.load(()), Question(), limits

    def figures(self, calls: pa.Table, *, pairs: bool = False) -> Baseline:
        """Return what a log comes to."""
        by = Pairs(most=None if pairs else 0)
        summing = Summing(self.table, self.question, by)
        found = summing.empty()
        summing.take(found, calls)
        return profile.baseline_of(Manifest(VERSION), self.table, self.question, by, found)

    def judged(self, before: pa.Table, now: pa.Table, *, pairs: bool = False) -> CheckReport:
        """Return what `check` says of two logs."""
        old, new = (self.figures(each, pairs=pairs) for each in (before, now))
        return judge(old, new, self.limits, Spending())


def unchanged(sim: Simulator, pool: Pool, draw: Draw) -> bool:
    """Two logs without any change: whether there is an alarm."""
    calls = min(4000, pool.calls.num_rows)
    return sim.judged(drawn(pool, draw, calls), drawn(pool, draw, calls)).verdict == "fail"


def unchanged_anew(sim: Simulator, pool: Pool, draw: Draw) -> bool:
    """The same, where prompts that came to both logs are answered anew, and known to be the same."""
    calls = min(4000, pool.calls.num_rows)
    sides = [dearer(drawn(pool, draw, calls), "", 1.0, draw, RERUN_NOISE) for _ in NAMES]
    return sim.judged(*sides, pairs=True).verdict == "fail"


def ten_percent(sim: Simulator, pool: Pool, draw: Draw, route: str) -> bool:
    """One route is 10 % dearer, with 500 calls of each route: whether it is found."""
    before, now = two_logs(pool, draw)
    return is_found(sim.judged(before, dearer(now, route, 1.1)), route)


def ten_percent_anew(sim: Simulator, pool: Pool, draw: Draw, route: str) -> bool:
    """The same, where prompts that came to both logs are answered anew, and known to be the same."""
    before, now = two_logs(pool, draw)
    sides = [dearer(log, route, factor, draw, RERUN_NOISE) for log, factor in ((before, 1.0), (now, 1.1))]
    return is_found(sim.judged(*sides, pairs=True), route)


def with_longer_words(sim: Simulator, pool: Pool, draw: Draw, route: str) -> bool:
    """The same, where what users wrote is 10 % longer too, which could be all the reason there is."""
    before, now = two_logs(pool, draw)
    return is_found(sim.judged(before, dearer(now, route, 1.1, tokens=(*TOKENS, "user_tokens"))), route)


def what_it_sees(sim: Simulator, pool: Pool, draw: Draw, route: str) -> bool:
    """One route is dearer by just so much as the report of two equal logs says can be seen: whether it is found."""
    before, now = two_logs(pool, draw)
    (sees,) = [line.sees_percent for line in sim.judged(before, now).lines if line.key == route and is_route(line)]
    before, now = two_logs(pool, draw)
    return is_found(sim.judged(before, dearer_by(sim, now, route, 1 + (sees or 0.0) / 100)), route)


def dearer_by(sim: Simulator, calls: pa.Table, route: str, factor: float) -> pa.Table:
    """Return the log with a route dearer by a factor or a little more: of few tokens, whole ones are a coarse grain."""
    here = pc.equal(calls.column("route"), route)
    wanted = factor * history(calls.filter(here), sim.table).cost.sum()
    times = factor
    while history((found := dearer(calls, route, times)).filter(here), sim.table).cost.sum() < wanted:
        times += 0.002
    return found


def ranks(sim: Simulator, pool: Pool, draw: Draw, route: str) -> bool:
    """A test of ranks with all calls of both logs at hand, which no small file can be: whether it sees 10 %."""
    before, now = two_logs(pool, draw)
    costs = [
        history(calls.filter(pc.equal(calls.column("route"), route)), sim.table).cost
        for calls in (before, dearer(now, route, 1.1))
    ]
    values, which, counts = np.unique(np.concatenate(costs), return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[which.ravel()]
    old, new = map(len, costs)
    ties = float((counts**3.0 - counts).sum()) / ((old + new) * (old + new - 1))
    z = (rank[old:].mean() - rank.mean()) * new / np.sqrt(old * new / 12 * (old + new + 1 - ties))
    return len(values) > 1 and bool(1 - NormalDist().cdf(float(z)) <= sim.limits.alpha / len(pool.routes()))


def is_route(line: Line) -> bool:
    """Return whether a line is that of a route."""
    return line.scope == "route"


def is_found(report: CheckReport, route: str) -> bool:
    """Return whether a route is called a regression."""
    return any(line.key == route and is_route(line) for line in report.regressions)


def three_percent(sim: Simulator, pool: Pool, draw: Draw, route: str) -> bool:
    """One route is 3 % dearer, with the same prompts answered anew in both logs: whether it is found."""
    counts = dict.fromkeys(pool.routes(), CALLS_OF_A_ROUTE)
    first = drawn_of_routes(pool, draw, counts)
    cases = pa.array(np.arange(1, first.num_rows + 1, dtype=np.uint64))
    first = first.set_column(first.schema.get_field_index("prompt_hash"), "prompt_hash", cases)
    sides = [dearer(first, route, factor, draw, RERUN_NOISE) for factor in (1.0, 1.03)]
    return any(line.key == route for line in sim.judged(*sides, pairs=True).regressions)


def doubled(sim: Simulator, pool: Pool, draw: Draw) -> bool:
    """Twice the calls: whether that is called a regression."""
    calls = min(2000, pool.calls.num_rows)
    return sim.judged(drawn(pool, draw, calls), drawn(pool, draw, 2 * calls)).verdict == "fail"


def exactly_doubled(sim: Simulator, pool: Pool, draw: Draw) -> bool:
    """Every call twice: whether that is called a regression, or anything but volume."""
    first = drawn(pool, draw, min(2000, pool.calls.num_rows))
    twice = pa.concat_tables([first, first]).unify_dictionaries().combine_chunks()
    report = sim.judged(first, twice)
    return report.verdict == "fail" or {part.part for part in report.parts} - {"volume"} != set()


def mix_shifted(sim: Simulator, pool: Pool, draw: Draw) -> bool:
    """Many more calls of the dearest route: whether it is named as mix and as no regression."""
    routes = pool.routes()
    even = dict.fromkeys(routes, CALLS_OF_A_ROUTE)
    costs = {line.key: Decimal(line.per_call_now_usd or 0) for line in _lines(sim, pool, draw, even)}
    dearest = max(routes, key=lambda route: costs.get(route, Decimal(0)))
    report = sim.judged(drawn_of_routes(pool, draw, even), drawn_of_routes(pool, draw, {**even, dearest: 2000}))
    parts = {part.part: Decimal(part.change_usd) for part in report.parts if part.part != "volume"}
    return report.verdict == "pass" and max(parts, key=lambda part: parts[part]) == "mix"


def _lines(sim: Simulator, pool: Pool, draw: Draw, counts: dict[str, int]) -> list[Line]:
    log = drawn_of_routes(pool, draw, counts)
    return [line for line in sim.judged(log, log).lines if line.scope == "route"]


def rate(found: list[bool]) -> str:
    """Return how many of how many."""
    if not found:
        return "0 of 0"
    return f"{sum(found)} of {len(found)} ({sum(found) / len(found):.1%})"


FOUND: dict[str, tuple[Callable[[Simulator, Pool, Draw, str], bool], float]] = {
    "10 % dearer, no pairs": (ten_percent, 5.0),
    "10 % dearer, prompts that recur in pairs": (ten_percent_anew, 5.0),
    "10 % dearer, with users' words": (with_longer_words, 5.0),
    "as much as can be seen": (what_it_sees, 5.0),
    "10 %, ranks of all calls (a ceiling)": (ranks, 5.0),
    "3 % in pairs": (three_percent, 1.0),
}
"""What is looked for route by route, and from how many per cent on."""


def main() -> None:
    """Print every figure."""
    parser = parser_of(__doc__)
    parser.add_argument("runs", type=int, nargs="?", default=200)
    parser.add_argument("--samples", nargs="*", choices=SAMPLES, default=SAMPLES)
    parser.add_argument("--outcomes", type=file)
    asked = parser.parse_args()
    measure(asked.runs, asked.samples, asked.outcomes)


def measure(runs: int, samples: Sequence[str], outcomes: Path | None) -> None:
    """Print every figure of so many runs each."""
    sim = Simulator(Limits(min_increase_usd=0.0))
    strict = Simulator(Limits(min_increase_usd=0.0, max_increase_percent=0.0))
    pools = [*sample_pools(samples), *([outcome_pool(outcomes)] if outcomes else [])]
    for pool in pools:
        draw = np.random.default_rng(1)
        times = range(runs)
        print(f"{pool.name}: {pool.calls.num_rows:,} calls, {len(pool.routes())} routes", flush=True)
        print("  false alarms, limits as they come:", rate([unchanged(sim, pool, draw) for _ in times]), flush=True)
        print("  false alarms, any increase counts:", rate([unchanged(strict, pool, draw) for _ in times]), flush=True)
        print("  false alarms, answered anew, in pairs:", rate([unchanged_anew(sim, pool, draw) for _ in times]))
        print("  the same, any increase counts:", rate([unchanged_anew(strict, pool, draw) for _ in times]), flush=True)
        print("  doubled, a regression:", rate([doubled(sim, pool, draw) for _ in times]))
        print("  every call twice, anything but volume:", rate([exactly_doubled(strict, pool, draw) for _ in times]))
        print("  mix named as mix:", rate([mix_shifted(sim, pool, draw) for _ in times]), flush=True)
        for title, (find, percent) in FOUND.items():
            judge_of = Simulator(Limits(min_increase_usd=0.0, max_increase_percent=percent))
            by_route = found_by_route(find, judge_of, pool, draw, runs)
            print(f"  {title}:", rate([each for found in by_route.values() for each in found]), flush=True)
            for route, found in by_route.items():
                print(f"    {route}: {rate(found)}", flush=True)


def found_by_route(
    find: Callable[[Simulator, Pool, Draw, str], bool], sim: Simulator, pool: Pool, draw: Draw, runs: int
) -> dict[str, list[bool]]:
    """Return whether a change was found, so many times over all the routes in turn."""
    routes = pool.routes()
    found: dict[str, list[bool]] = {route: [] for route in routes}
    for number in range(runs):
        route = routes[number % len(routes)]
        found[route].append(find(sim, pool, draw, route))
    return found


if __name__ == "__main__":
    main()
