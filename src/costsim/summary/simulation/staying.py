"""Calls that a policy would move and that stay where they were, and why."""

from collections import Counter
from collections.abc import Collection, Iterator

from costsim.replay.simulating import Simulation
from costsim.summary.noise import dollars
from costsim.summary.simulation.amounts import Amounts
from costsim.summary.simulation.lost_hits import MOST_CALLS
from costsim.summary.simulation.report import Assumption, Obstacle
from costsim.summary.simulation.sums import SERVED, PolicySums
from costsim.summary.words import number

_MOST_TOLD = 3


def obstacles(simulation: Simulation, sums: PolicySums, rules: Collection[int]) -> list[Obstacle]:
    """Return what is in the way of calls that no model of the route of these rules can do, of most calls first."""
    found: Counter[tuple[str, str]] = Counter()
    for (rule, model, why), (calls,) in sums.obstacles.items():
        if rule in rules:
            found[simulation.prices.book.keys[model], why] += calls
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [Obstacle(model, why, calls) for (model, why), calls in ranked]


def stayed(simulation: Simulation, sums: PolicySums, replay: Amounts) -> Iterator[Assumption]:
    """Yield how many calls stay for want of a model that can do them, or of a price."""
    unroutable = sum(rule.unroutable for rule in replay.rules.values())
    unpriced = sum(rule.unpriced for rule in replay.rules.values())
    if unroutable:
        fit = "fits no model of its" if unroutable == 1 else "fit no model of their"
        told = _told(obstacles(simulation, sums, replay.rules))
        yield Assumption(f"{number(unroutable, 'call')} {fit} route and stayed{told}.", "routes")
    if unpriced:
        yield Assumption(
            f"{number(unpriced, 'call')} without a price, then or now, stayed: no price, no saving.", "routes"
        )


def found_in_caches(sums: PolicySums, *, as_logged: bool) -> Iterator[Assumption]:
    """Yield what calls that stay do not find in the cache; `as_logged`: they are taken to find what they did."""
    calls, tokens, more = sums.hits if as_logged else sums.lost
    moves = bool(sums.factors) or any(row[SERVED] for row in sums.rules.values())
    if not calls or not moves:
        return
    one = calls == 1
    who = f"{number(calls, 'call')} that {'stays' if one else 'stay'}"
    if as_logged:
        keep, worth = "keeps" if one else "keep", f"{number(tokens, 'token')} that would cost {dollars(more)} more"
        text = (
            f"{who} {keep} the cache reads of the log, {worth}: with more than {MOST_CALLS:,} calls, only "
            "levers.prompt_cache finds out which of them calls that move would have stored."
        )
    else:
        before = "it in its conversation" if one else "them in their conversations"
        text = (
            f"{who} {'finds' if one else 'find'} {number(tokens, 'token')} less in the cache, as calls before {before} "
        )
        text += f"move: {dollars(more)} more."
    yield Assumption(text, "prompt-cache")


def _told(found: list[Obstacle]) -> str:
    if not found:
        return ""
    said = [f"{each.model}: {each.why} ({number(each.calls, 'call')})" for each in found[:_MOST_TOLD]]
    more = f"; and {len(found) - _MOST_TOLD} more" if len(found) > _MOST_TOLD else ""
    return f". {'; '.join(said)}{more}"
