"""What a comparison takes for granted, in sentences, and how small a change it could have seen."""

from collections.abc import Sequence

from costsim.summary import undated as without_time
from costsim.summary.gate.baseline import Baseline
from costsim.summary.gate.limits import Limits
from costsim.summary.gate.lines import PAIRS, ROUTE, SPREAD, TOTAL
from costsim.summary.gate.parts import CHANCE
from costsim.summary.gate.report import Line
from costsim.summary.gate.undated import CALLS_OF_A_MONTH, Undated, a_month, why_no_month
from costsim.summary.words import number


def assumptions_of(
    lines: Sequence[Line], limits: Limits, of_dollars: Sequence[str], joined: Sequence[str | None] = ()
) -> list[str]:
    """Return what a comparison of logs rests on; `joined`: the routes whose tasks are compared together.

    `of_dollars` is what `worth` says.
    """
    tested = [line for line in lines if line.test is not None]
    said = [
        "Costs per call are per piece of work: a retry or escalation is paid with the call that it repeats.",
        "Before and now have the mix of this log, so that more calls or another mix of routes is no regression.",
    ]
    if not tested:
        return said
    by_chance = any(part.part == CHANCE for line in tested for part in line.parts)
    if by_chance:
        said.append(
            "So have they its kinds of calls (cache hits, thinking, limits, size of the user's message), where these "
            "differ by no more than chance."
        )
    if len(lines) > 1:
        said.append(
            "Lines of routes add up to 'all', and so do lines of tasks: none has volume, mix or such chance in it."
        )
    if joined:
        said.append(
            f"Other tasks are seen in this log on {_routes(joined)}; all tasks there are compared together, and are in "
            "no task's line."
        )
    said += [
        f"{_counts(limits)}, if noise explains it in at most {limits.alpha:.3g} of runs over "
        f"{number(len(tested), 'test')} together (Holm).",
        *of_dollars,
    ]
    if any(line.test == SPREAD for line in tested):
        said.append("Noise: the spread of costs over conversations, in dollars and in logarithms.")
    if any(line.test == PAIRS for line in tested):
        said.append(
            "Cases in both logs are compared in pairs where they are half of a route's calls or a quarter of its cost, "
            "and surer than all its calls; a quarter only where the rest agrees with them but for chance."
        )
    return [*said, *_power(tested)]


def assumptions_of_replay(limits: Limits) -> list[str]:
    """Return what a comparison of policies or prices rests on."""
    return [
        "Both sides are the same calls, replayed: what differs is what the policies and prices do, without noise.",
        "Costs of calls that move are projected from token factors (docs/methodology.md#tokens).",
        f"{_counts(limits)}.",
    ]


def worth(limits: Limits, now: Baseline, undated: Undated) -> list[str]:
    """Return from how many dollars on a change counts, and what calls without a time do to that."""
    least = f"${limits.min_increase_usd:g}"
    per_calls = f"{least} per {number(CALLS_OF_A_MONTH, 'call')}"
    if a_month(now, undated) is None:
        return [f"It must come to {per_calls}, too: of a month nothing can be said, as {why_no_month(now)}."]
    worth_it = f"It must come to {least} a month, too"
    if not undated.calls:
        return [f"{worth_it}."]
    return [
        f"{worth_it}, or to {per_calls} on a line most of whose calls have no time.",
        without_time.said(undated.calls, undated.cost),
    ]


def _counts(limits: Limits) -> str:
    return f"A change counts from {limits.max_increase_percent:g} % on"


def _power(tested: Sequence[Line]) -> list[str]:
    """From which size on a change would have been found, so that silence can be judged too."""
    known = [line for line in tested if line.sees_percent is not None]
    said = [f"{_rise(line)} on the whole" for line in known if line.scope == TOTAL]
    routes = sorted((line for line in known if line.scope == ROUTE), key=lambda line: line.sees_percent or 0.0)
    if len(routes) == 1:
        said.append(f"{_rise(routes[0])} on {_named(routes[0])}")
    elif routes:
        least, most = (f"{_rise(line)} ({_named(line)})" for line in (routes[0], routes[-1]))
        said.append(f"from {least} to {most} by route")
    return [f"These logs can show a rise of {', '.join(said)}, 19 times of 20."] if said else []


def _routes(routes: Sequence[str | None]) -> str:
    names = ["calls without a route" if route is None else f"'{route}'" for route in routes]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _rise(line: Line) -> str:
    return f"+{line.sees_percent:,.1f} %"


def _named(line: Line) -> str:
    return "calls without a route" if line.key is None else f"'{line.key}'"
