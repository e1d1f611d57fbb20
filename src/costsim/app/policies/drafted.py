"""A first policy of one's own: three tiers, fitted to the models and tasks of a log, written out with its reasons."""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import msgspec
from msgspec.structs import replace

from costsim import prices as price_tables
from costsim.app import warnings
from costsim.app.policies.bands import BANDS, Model, bands_of, price_of
from costsim.app.policies.traffic import SURE, Group, Sum, Traffic, traffic_of
from costsim.app.reading import Progress, Reading, calls_of
from costsim.errors import EvidenceError
from costsim.policies.loading import parse
from costsim.prices import PriceTable
from costsim.replay.prior import escalation
from costsim.schema import usd
from costsim.tasks import UNKNOWN

NAME = "fitted-three-tier"
_SIMPLE = ("classification", "extraction", "formatting", "translation", "rewriting", "summarization")
"""Tasks of which small models do the simple calls well."""
_RARE = 0.001
"""The part of the cost below which a model is not worth a word in a condition."""
_SIMPLE_CALLS, _EASY_CALLS = "complexity: {is: simple}", "complexity: {in: [simple, moderate]}"
_CACHED = 0.01
"""The part of the input from which reads of a cache are worth a word."""
_PLAIN = re.compile(r"[A-Za-z][\w./-]*")
_NOT_PLAIN = ("true", "false", "null", "yes", "no", "on", "off")
_WIDTH = 100

Wanted = Callable[[Group], bool]


class Fitted(msgspec.Struct, frozen=True):
    """A policy as YAML, and what the user should know of the logs."""

    text: str
    warnings: Sequence[str]


def fitted(
    logs: Sequence[str], reading: Reading, prices: Sequence[Path], progress: Progress = lambda _done, _total: None
) -> Fitted:
    """Return a three-tier policy for the calls of the logs or of the last run; EvidenceError where none has a price."""
    table = price_tables.load(tuple(prices))
    with calls_of(logs, reading, progress) as store:
        traffic = traffic_of(store, table)
        told = warnings.of(store.manifest)
    if not traffic.groups:
        hint = "`costsim audit` says why; where the log names no model, name it with --map: model: {value: gpt-5.5}"
        raise EvidenceError("no chat call has a price, so there is nothing to fit a policy to", hint=hint)
    text = "\n".join(_Written(traffic, table).lines()) + "\n"
    parse(text, f"{NAME}.yaml", table)
    return Fitted(text, told)


class _Written:
    """The policy as lines of YAML with comments."""

    def __init__(self, traffic: Traffic, prices: PriceTable) -> None:
        self._traffic, self._prices = traffic, prices
        self._bands = bands_of(traffic, prices)
        self._whole = traffic.total()
        self._home = self._homes()
        self._tasks = self._simple_tasks()

    def lines(self) -> Iterator[str]:
        """Yield the file, line by line."""
        yield from self._head()
        rules = list(self._savings() if self._bands.dearest else self._improvements())
        yield "# Models of a tier cost less than those of the next; a call gets the one that is cheapest for it."
        yield "tiers:"
        for band in BANDS:
            yield from self._tier(band, not rules or any(f"tier: {band}}}" in line for line in rules))
        yield "rules:"
        yield from rules or self._none()
        yield "  # Everything else keeps its model: hard calls, calls whose task is not clear, models not named above."
        yield "  - name: the-rest"
        yield "    route: {as_logged: true}"
        yield "fallback: {rate: observed, retries: 1}"

    def _head(self) -> Iterator[str]:
        whole = self._whole
        call = whole.typical()
        yield f"# Written by `costsim policy init` for {_calls(whole.calls)} that cost ${_money(whole.cost)}."
        yield "# Shares are of that cost; what the policy would cost: costsim simulate --policy THIS_FILE"
        yield f"# A typical call reads {call.input_tokens:,} tokens{_cached(whole)} and writes {call.output_tokens:,}."
        if self._traffic.others:
            yield f"# Not looked at: {_calls(self._traffic.others)} without a price or of no chat model."
        yield "# Models of a tier must be good enough for its calls: only you know which are. Take out, add, try."
        yield "version: 1"
        yield f"name: {NAME}"

    def _tier(self, band: str, named: bool) -> Iterator[str]:
        models = self._bands.tiers[band]
        if band in self._bands.borrowed:
            yield "  # neither the log nor its providers have such a model; these are well-known ones of others"
        if not named:
            yield "  # no rule below names this tier; it is here for rules of yours"
        yield f"  {band}:"
        yield "    models:"
        width = max(len(_word(model.name)) for model in models)
        for model in models:
            yield f"      - {_word(model.name):<{width}}  # {self._about(model)}"

    def _about(self, model: Model) -> str:
        typical = f"${_money(model.cost * 1000)} per 1,000 typical calls"
        ends = f"; retires {model.retires}" if model.retires else ""
        if not model.calls:
            return f"{typical}; not in the log{ends}"
        calls = _percent(model.calls, self._whole.calls)
        return f"{typical}; {calls} of calls, {self._share(model.spent)} of cost{ends}"

    def _savings(self) -> Iterator[str]:
        """Rules that move calls to cheaper models."""
        homes = [home for home in ("frontier", "balanced") if self._traffic.total(self._is_simple_on(home)).calls]
        for home in homes:
            wanted = self._is_simple_on(home)
            if self._loses(wanted, home):
                yield from self._left(wanted)
                continue
            yield f"  # {self._of(wanted)}: they look simple enough for a small model. Where its answer"
            yield "  # fails in a way that can be seen, the call goes on to the tier that it is on today."
            name = "simple" if len(homes) == 1 else f"simple-{home}"
            yield from self._rule(name, wanted, home, f"task: {{in: {_list(self._tasks)}}}", _SIMPLE_CALLS)
        if self._traffic.total(self._is_everyday).calls:
            yield f"  # {self._of(self._is_everyday)}: neither hard nor unclear, on a frontier model."
            yield from self._rule("everyday", self._is_everyday, "frontier", _EASY_CALLS, to="{tier: balanced}")
        if "frontier" in self._home.values() or not self._traffic.total(self._is_easy).calls:
            return
        if self._loses(self._is_easy, "balanced"):
            yield from self._left(self._is_easy)
        else:
            yield f"  # {self._of(self._is_easy)}: simple, of other tasks. Try a small model on some of them."
            yield from self._rule("easy", self._is_easy, "balanced", _SIMPLE_CALLS)

    def _loses(self, wanted: Wanted, home: str) -> bool:
        """Whether a cascade costs more than today, as neither of its models has the cache that calls read from."""
        part = self._traffic.total(wanted)
        if part.cache_read_tokens <= part.input_tokens * _CACHED:
            return False
        cold = replace(part.typical(), cache_read_tokens=0, cache_write_tokens=0)
        first, then = (price_of(cold, self._bands.tiers[band][0].index, self._prices) for band in ("cheap", home))
        return first + escalation().rate * then > part.cost / part.calls

    def _left(self, wanted: Wanted) -> Iterator[str]:
        part = self._traffic.total(wanted)
        cached = _percent(part.cache_read_tokens, part.input_tokens)
        yield f"  # {self._of(wanted)}: simple, and left where they are, as {cached} of what"
        yield "  # they read came from a cache: without it they would cost more elsewhere."

    def _rule(self, name: str, wanted: Wanted, home: str, *when: str, to: str = "") -> Iterator[str]:
        """One rule for calls on models of a band; without a route, the small model first and then that band."""
        yield f"  - name: {name}"
        yield "    when:"
        for condition in (*when, f"task_confidence: {{gte: {SURE}}}"):
            yield f"      {condition}"
        yield from _folded("      model: ", self._labels(home))
        if to:
            yield f"    route: {to}"
        else:
            yield "    route:"
            yield f"      cascade: [{{tier: cheap}}, {{tier: {home}}}]"
            yield "      escalate: {rate: observed, floor: 0.02}"
        yield from self._caches(wanted)

    def _caches(self, wanted: Wanted) -> Iterator[str]:
        """The lever without which a call that moves would read its whole prompt at the full price."""
        found = self._traffic.total(wanted)
        if found.cache_read_tokens > found.input_tokens * _CACHED:
            cached = _percent(found.cache_read_tokens, found.input_tokens)
            yield f"    # of what these calls read, {cached} came from a cache: one of the new model is simulated"
            yield "    levers: {prompt_cache: {simulate: true}}"

    def _none(self) -> Iterator[str]:
        if all(group.task == UNKNOWN for group in self._traffic.groups):
            yield "  # No task is known, as of a log without text: --tasks FILE or a column `task` states them."
        else:
            yield "  # No call on a dearer model is known to be easy: a rule that moves some is yours to write."

    def _improvements(self) -> Iterator[str]:
        """Where no call is known to be on a dearer model, what could be bought is better answers to hard ones."""
        hard = self._of(lambda group: group.complexity == "complex" and group.sure)
        if self._bands.of:
            yield "  # The log is on the cheap models of its providers already: no rule can save much here."
        else:
            yield "  # No model of the log can be told cheap from dear: today they cost nothing, or have no price."
        yield f"  # This one costs more, and buys better answers to calls that look hard: {hard}."
        yield "  - name: hard"
        yield "    when:"
        yield "      complexity: {is: complex}"
        yield f"      task_confidence: {{gte: {SURE}}}"
        yield "      operation: {is: chat}"
        yield "    route:"
        yield "      cascade: [{tier: cheap}, {tier: balanced}, {tier: frontier}]"
        yield "      escalate: {rate: observed, floor: 0.02}"

    def _simple_tasks(self) -> list[str]:
        found: dict[str, int] = {}
        for group, part in self._traffic.groups.items():
            if group.task in _SIMPLE and self._looks_simple(group):
                found[group.task] = found.get(group.task, 0) + part.cost
        return sorted(found, key=lambda task: (-found[task], task))

    def _looks_simple(self, group: Group) -> bool:
        home = self._home.get(group.label, "cheap")
        return group.complexity == "simple" and group.sure and home != "cheap"

    def _is_simple(self, group: Group) -> bool:
        return group.task in self._tasks and self._looks_simple(group)

    def _is_simple_on(self, home: str) -> Wanted:
        return lambda group: self._is_simple(group) and self._home[group.label] == home

    def _is_everyday(self, group: Group) -> bool:
        easy = group.complexity in ("simple", "moderate") and group.sure and not self._is_simple(group)
        return easy and self._home.get(group.label) == "frontier"

    def _is_easy(self, group: Group) -> bool:
        return self._looks_simple(group) and not self._is_simple(group)

    def _homes(self) -> dict[str, str]:
        """The log's own names of models worth a word, dearest first, each with the band of most of its cost."""
        spent: dict[str, dict[str, int]] = {}
        for group, part in self._traffic.groups.items():
            if band := self._bands.of.get(group.model):
                bands = spent.setdefault(group.label, {})
                bands[band] = bands.get(band, 0) + part.cost
        whole = {label: sum(bands.values()) for label, bands in spent.items()}
        ranked = sorted(whole, key=lambda label: (-whole[label], label))
        return {
            label: max(spent[label], key=lambda band: spent[label][band])
            for label in ranked
            if whole[label] >= self._whole.cost * _RARE
        }

    def _labels(self, home: str) -> list[str]:
        return [label for label, band in self._home.items() if band == home]

    def _of(self, wanted: Wanted) -> str:
        found: Sum = self._traffic.total(wanted)
        return f"{self._share(found.cost)} of the cost, {_calls(found.calls)}"

    def _share(self, cost: int) -> str:
        return _percent(cost, self._whole.cost)


def _calls(count: int) -> str:
    return f"{count:,} call{'' if count == 1 else 's'}"


def _cached(whole: Sum) -> str:
    """What of the tokens that are read came from a cache or was stored in one, where that is worth a word."""
    read, stored = whole.cache_read_tokens, whole.cache_write_tokens
    least = whole.input_tokens * _CACHED
    parts = [
        f"{_percent(part, whole.input_tokens)} {how} a cache"
        for part, how in ((read, "from"), (stored, "written to"))
        if part and part >= least
    ]
    return f" ({', '.join(parts)})" if parts else ""


def _percent(part: int, whole: int) -> str:
    percent = part / whole * 100 if whole else 0
    return "under 1 %" if 0 < percent < 1 else f"{percent:.0f} %"


def _money(amount: int) -> str:
    dollars = usd(amount)
    return f"{dollars:,.2f}" if dollars >= 1 else f"{Decimal(f'{dollars:.3g}').normalize():f}"


def _word(name: str) -> str:
    """A name as YAML takes it."""
    plain = _PLAIN.fullmatch(name) and name.lower() not in _NOT_PLAIN
    return name if plain else msgspec.json.encode(name).decode()


def _list(names: Sequence[str]) -> str:
    return f"[{', '.join(map(_word, names))}]"


def _folded(start: str, names: Sequence[str]) -> Iterator[str]:
    """`{in: [...]}`, on as many lines as it needs."""
    line = f"{start}{{in: ["
    for place, name in enumerate(names):
        word = _word(name) + ("]}" if place == len(names) - 1 else ", ")
        if len(line) + len(word) > _WIDTH:
            yield line.rstrip()
            line = " " * len(start)
        line += word
    yield line
