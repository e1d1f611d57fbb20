"""What the figures of a simulation rest on, in sentences, each with its section of docs/methodology.md."""

import math
from collections.abc import Iterator, Sequence

from costsim.policies import durations
from costsim.policies.document import Fallback
from costsim.prices import FEES
from costsim.projection import ONE
from costsim.replay import prior
from costsim.replay.outcome import NO_RULE
from costsim.replay.rates import GIVEN, OBSERVED, PRIOR
from costsim.replay.simulating import Simulation
from costsim.replay.timed import cached, caches
from costsim.summary import sampled, undated
from costsim.summary.printed import money
from costsim.summary.simulation import silent
from costsim.summary.simulation.amounts import Amounts
from costsim.summary.simulation.asking import Ask
from costsim.summary.simulation.escalations import SCORES, bases, escalate_of
from costsim.summary.simulation.granted import granted
from costsim.summary.simulation.quality import CALLS
from costsim.summary.simulation.report import Assumption, Baseline
from costsim.summary.simulation.silent import Seen
from costsim.summary.simulation.staying import found_in_caches, stayed
from costsim.summary.simulation.steered import steered
from costsim.summary.simulation.sums import PolicySums
from costsim.summary.simulation.totals import SimulationSums
from costsim.summary.words import number
from costsim.tasks import UNKNOWN

_MOST_FACTORS = 6
"""Token factors that are told one by one: those behind the most dollars."""
_MOST_TASKS, _UNCLEAR = 4, "unclear tasks"
_NINETY = 1.645


def of(
    ask: Ask,
    simulations: Sequence[Simulation],
    found: SimulationSums,
    replays: Sequence[Amounts],
    baseline: Baseline,
    seen: Seen,
) -> list[Assumption]:
    """Return the assumptions that made a difference, and before them what the policies ask for in vain."""
    said: dict[str, Assumption] = {}
    for place, run in enumerate(ask.runs):
        if run.is_policy:
            of_policy = _of_policy(simulations[place], found.runs[place], replays[place], ask, seen)
            for each in (*of_policy, *found_in_caches(found.runs[place], as_logged=found.hits_as_logged)):
                said.setdefault(each.text, each)
    costs = [Assumption(text, "totals") for text in _costs(found, replays[0], baseline.monthly_usd)]
    return [*_of_prices(ask), *silent.notes(ask, seen, found.runs), *costs, *said.values(), *_of_all(ask, found)]


def _costs(found: SimulationSums, replay: Amounts, monthly: str | None) -> Iterator[str]:
    """Of which calls the costs, and those of a month, are not; `replay` is that of any policy."""
    yield from sampled.said(found.basis.sampled)
    if monthly is not None and (calls := found.basis.basis.undated):
        yield undated.said(calls, replay.undated_baseline, " as logged")


def _of_prices(ask: Ask) -> Iterator[Assumption]:
    day = {"logged": "of each call's own day", "today": "of today"}.get(
        ask.question.as_of_said, f"of {ask.question.as_of_said}"
    )
    text = f"List prices {day}, for the past and for every policy; discounts of yours only where --prices says so."
    yield Assumption(text, "totals")


def _of_policy(simulation: Simulation, sums: PolicySums, replay: Amounts, ask: Ask, seen: Seen) -> Iterator[Assumption]:
    yield from _tokens(simulation, sums)
    yield from _rates(simulation, sums, scored=bool(ask.scores))
    yield from _latency(simulation)
    yield from stayed(simulation, sums, replay)
    yield from steered(simulation, sums, ask.decisions)
    yield from _regions(simulation, sums)
    idle = silent.idle_levers(simulation.policy, seen)
    yield from granted(simulation.policy, idle)
    yield from _usual_caches(simulation, sums)
    if "prompt_cache" not in idle:
        yield from _own_lifetimes(simulation, sums)
    if simulation.policy.fallback is not None:
        yield Assumption(_fallback(simulation), "fallback")
    if sums.factors and not _simulates_cache(simulation):
        text = "A call that moves to another model finds no cache there; levers.prompt_cache simulates the new one."
        yield Assumption(text, "prompt-cache")


def _tokens(simulation: Simulation, sums: PolicySums) -> Iterator[Assumption]:
    """The token factors behind the most dollars, and how many more there are."""
    assume = simulation.policy.assume
    if sums.factors and assume.input_tokens == assume.output_tokens == "same":
        yield Assumption(
            "Input and output tokens are taken to be the same on every model: the policy says so.", "tokens"
        )
        return
    ranked = sorted(sums.factors.items(), key=lambda item: (-item[1][1] - item[1][2], str(item[0])))
    keys = simulation.prices.book.keys
    alike: dict[tuple[int, int, str], list[str]] = {}
    for (source, target, task), _ in ranked:
        factor = simulation.factor(source, target, task)
        said = (
            f"output x {_span(factor.output, factor.output_sd)} ({factor.output_basis}), "
            f"input x {_span(factor.input, factor.input_sd)} ({factor.input_basis})"
        )
        alike.setdefault((source, target, said), []).append(_UNCLEAR if task in (None, UNKNOWN) else str(task))
    for (source, target, said), tasks in list(alike.items())[:_MOST_FACTORS]:
        before = keys[source] if source >= 0 else "unknown models"
        yield Assumption(f"Tokens of {keys[target]} on {_listed(tasks)}, against {before}: {said}.", "tokens")
    if len(alike) > _MOST_FACTORS:
        more = number(len(alike) - _MOST_FACTORS, "token factor")
        yield Assumption(f"{more} behind smaller amounts, found the same way.", "tokens")


def _listed(tasks: Sequence[str]) -> str:
    """The tasks of one factor; many of them by their number."""
    if len(tasks) > _MOST_TASKS:
        return f"{', '.join(tasks[: _MOST_TASKS - 1])} and {len(tasks) - _MOST_TASKS + 1} more tasks"
    return " and ".join(filter(None, (", ".join(tasks[:-1]), tasks[-1])))


def _span(millionths: int, sd: float) -> str:
    """A factor with its 90 % interval."""
    factor = millionths / ONE
    if not sd:
        return f"{factor:.2f}"
    spread = math.exp(_NINETY * sd)
    return f"{factor:.2f} [{factor / spread:.2f} to {factor * spread:.2f}]"


def _rates(simulation: Simulation, sums: PolicySums, *, scored: bool) -> Iterator[Assumption]:
    """Where the rates of escalation come from, by rule and basis."""
    for rule, found in bases(simulation, sums, scored=scored).items():
        name, floor = simulation.policy.rules[rule].name, escalate_of(simulation, rule).floor
        least = f", at least {floor:.0%}".replace("%", " %") if floor else ""
        for basis, calls in found.items():
            text = _RATES[basis].format(calls=number(calls, "call"), prior=prior.escalation().told)
            text += least if basis == OBSERVED else ""
            yield Assumption(f"Escalation on '{name}': {text}.", "escalation")


_FEW_CALLS = 20
"""Of a model; a rate that rests on fewer is pointed out."""

_RATES = {
    GIVEN: "as the policy states it",
    SCORES: "calls with a score on the model go on where it is below 0.5",
    OBSERVED: "observed in this log on {calls}",
    PRIOR: "a prior of {prior} from public test sets, as the log shows nothing of its first model; state a rate",
}


def _latency(simulation: Simulation) -> Iterator[Assumption]:
    """Models that a limit of their time lets have calls, as the log does not tell it."""
    if simulation.policy.limits.p95_latency_ms is None:
        return
    seen, prices = simulation.rates.observed, simulation.prices
    models = dict.fromkeys(prices.index_of(None, name) for name in simulation.policy.models())
    if unknown := [prices.book.keys[index] for index in models if seen.p95_ms(index) is None]:
        text = f"p95_latency_ms keeps no call from {', '.join(unknown)}: the log states no time of a call on "
        text += "it." if len(unknown) == 1 else "any of them."
        yield Assumption(text, "routes")


def _fallback(simulation: Simulation) -> str:
    fallback = simulation.policy.fallback
    assert fallback is not None
    rate = "as often as the log shows" if fallback.rate == "observed" else f"{100 * fallback.rate:.3g} times of 100"
    text = f"Attempts on other models fail {rate}; a failure is paid as often as failures in this log were billed."
    return text + (_failed_here(simulation, fallback) if fallback.rate == "observed" else "")


def _failed_here(simulation: Simulation, fallback: Fallback) -> str:
    """Which models of the policy are taken to fail, and on how many calls that rests: a few may be a broken key."""
    seen, prices = simulation.rates.observed, simulation.prices
    models = dict.fromkeys(prices.index_of(None, name) for name in simulation.policy.models())
    failures = {index: sum(seen.errors[index, kind] for kind in fallback.on) for index in models}
    told = [
        f"{prices.book.keys[index]} in {failed:,} of {number(seen.of_model[index], 'call')}"
        for index, failed in failures.items()
        if failed
    ]
    few = any(failed and seen.of_model[index] < _FEW_CALLS for index, failed in failures.items())
    hint = "; so few may say little: state fallback.rate" if few else ""
    return f" Failed here: {', '.join(told)}{hint}." if told else ""


def _simulates_cache(simulation: Simulation) -> bool:
    levers = [simulation.policy.levers, *(rule.levers for rule in simulation.policy.rules)]
    return any(each.prompt_cache is not None and each.prompt_cache.simulate for each in levers)


def _regions(simulation: Simulation, sums: PolicySums) -> Iterator[Assumption]:
    """Calls that were served at the price of a region, and go to a model whose price is the same everywhere."""
    facts = simulation.prices.facts
    moves = {(facts(source).region, target) for source, target, _ in sums.factors if source >= 0}
    for region in sorted({region for region, _ in moves if region is not None}):
        targets = [facts(target) for where, target in sorted(moves, key=str) if where == region]
        if found := [each.key for each in targets if each.region is None]:
            text = f"Calls served in {region} go to {', '.join(found)}: no price tells whether it is served there."
            yield Assumption(text, "routes")


def _usual_caches(simulation: Simulation, sums: PolicySums) -> Iterator[Assumption]:
    """The models whose simulated cache is that of others, because the price table only says what it costs."""
    if not _simulates_cache(simulation):
        return
    usual, keys = caches.undescribed(simulation.prices), simulation.prices.book.keys
    names = sorted(keys[model] for model in {key[3] for key in sums.legs} if usual[model])
    if names:
        text = (
            f"The price list knows what cached input of {', '.join(names)} costs but not when it is cached: taken for "
            f"an automatic cache from {caches.USUAL_MINIMUM:,} tokens on, for {caches.USUAL_SECONDS // 60} minutes."
        )
        yield Assumption(text, "prompt-cache")


def _own_lifetimes(simulation: Simulation, sums: PolicySums) -> Iterator[Assumption]:
    """The models of the log whose caches cannot live for as long as the policy asks, told by what it asks for."""
    unsold, seconds = caches.unsold(simulation.prices, simulation.policy), caches.own_seconds(simulation.prices)
    alike: dict[tuple[str, str], set[str]] = {}
    levers = simulation.policy.all_levers()
    for rule, _, _, model, _, _ in sums.legs:
        if model in unsold and cached.caches(levers[rule - NO_RULE]):
            names = alike.setdefault((unsold[model], durations.text(int(seconds[model]))), set())
            names.add(simulation.prices.book.keys[model])
    for (asked, own), names in sorted(alike.items()):
        text = f"No prompt cache of {asked} is sold for {', '.join(sorted(names))}: its own lifetime, {own}, is kept."
        yield Assumption(text, "prompt-cache")


def _of_all(ask: Ask, found: SimulationSums) -> Iterator[Assumption]:
    unbilled = found.basis.basis.unbilled
    if unbilled:
        yield Assumption(f"{number(unbilled, 'call')} that cost nothing as logged cost nothing here.", "routes")
    if fees := sum(found.basis.parts[unit] for unit in FEES):
        text = (
            f"Fees for code sessions and guardrails, ${money(fees)} as logged, are not in the cost of calls that move."
        )
        yield Assumption(text, "routes")
    yield Assumption(
        "Intervals: 90 %, from which conversations happened to be in the log, token factors and rates together.",
        "intervals",
    )
    of_policies = [sums for run, sums in zip(ask.runs, found.runs, strict=True) if run.is_policy]
    scored = max((sums.quality.total(CALLS) for sums in of_policies), default=0)
    if scored:
        text = (
            f"Quality: {number(scored, 'call')} with a score on every model that may answer; a score below 0.5 fails."
        )
        yield Assumption(text, "quality")
    else:
        text = "Quality is not estimated: the log has no scores (--scores FILE with call id, model and score)."
        if ask.scores:
            text = "Quality is not estimated: no call has a score on each model that may answer it, then and now."
        yield Assumption(text, "quality")
