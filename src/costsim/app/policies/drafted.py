"""A first policy of one's own: three tiers, fitted to the models and tasks of a log, written out with its reasons."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from costsim import prices as price_tables
from costsim.app import warnings
from costsim.app.policies.bands import BANDS, Bands, Model, bands_of
from costsim.app.policies.traffic import SURE, Group, Sum, Traffic, traffic_of
from costsim.app.reading import Progress, Reading, calls_of
from costsim.errors import EvidenceError
from costsim.policies.loading import parse
from costsim.schema import usd

NAME = "fitted-three-tier"
_SIMPLE = ("classification", "extraction", "formatting", "translation", "rewriting", "summarization")
"""Tasks of which small models do the simple calls well."""
_RARE = 0.001
"""The part of the cost below which a model is not worth a word in a condition."""
_PLAIN = re.compile(r"[A-Za-z][\w./-]*")
_NOT_PLAIN = ("true", "false", "null", "yes", "no", "on", "off")
_WIDTH = 100

Wanted = Callable[[Group], bool]


@dataclass(frozen=True)
class Fitted:
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
        raise EvidenceError("no chat call has a price, so there is nothing to fit a policy to", hint="costsim audit")
    text = "\n".join(_Written(traffic, bands_of(traffic, table)).lines()) + "\n"
    parse(text, f"{NAME}.yaml", table)
    return Fitted(text, told)


class _Written:
    """The policy as lines of YAML with comments."""

    def __init__(self, traffic: Traffic, bands: Bands) -> None:
        self._traffic, self._bands = traffic, bands
        self._whole = traffic.total()
        self._dear = self._labels("balanced", "frontier")
        self._frontier = self._labels("frontier")
        self._tasks = self._simple_tasks()

    def lines(self) -> Iterator[str]:
        """Yield the file, line by line."""
        yield from self._head()
        yield "tiers:"
        for band in BANDS:
            yield from self._tier(band)
        yield "rules:"
        yield from self._savings() if self._bands.dearest else self._improvements()
        yield "  # Everything else keeps its model: hard calls, calls whose task is not clear, models not named above."
        yield "  - name: the-rest"
        yield "    route: {as_logged: true}"
        yield "fallback: {rate: observed, retries: 1}"

    def _head(self) -> Iterator[str]:
        whole = self._whole
        read, written = whole.input_tokens // whole.calls, whole.output_tokens // whole.calls
        yield f"# Written by `costsim policy init` for {_calls(whole.calls)} that cost ${_money(whole.cost)}."
        yield "# Shares are of that cost; what the policy would cost: costsim simulate --policy THIS_FILE"
        yield f"# A typical call reads {read:,} tokens and writes {written:,}; the prices below are without any cache."
        if self._traffic.others:
            yield f"# Not looked at: {_calls(self._traffic.others)} without a price or of no chat model."
        yield "# Models of a tier must be good enough for its calls: only you know which are. Take out, add, try."
        yield "version: 1"
        yield f"name: {NAME}"

    def _tier(self, band: str) -> Iterator[str]:
        models = self._bands.tiers[band]
        if band in self._bands.borrowed:
            yield "  # neither the log nor its providers have such a model; these are well-known ones of others"
        yield f"  {band}:"
        yield "    models:"
        width = max(len(_word(model.name)) for model in models)
        for model in models:
            yield f"      - {_word(model.name):<{width}}  # {self._about(model)}"

    def _about(self, model: Model) -> str:
        typical = f"${_money(model.cost * 1000)} per 1,000 typical calls"
        return f"{typical}; {self._share(model.spent)} today" if model.spent else f"{typical}; not in the log"

    def _savings(self) -> Iterator[str]:
        """Rules that move calls to cheaper models."""
        if self._tasks:
            taken = self._of(self._is_simple)
            yield f"  # {taken}: they look simple enough for a small model. Where its answer fails in a"
            yield "  # way that can be seen, the call goes on to a stronger one."
            yield "  - name: simple"
            yield "    when:"
            yield f"      task: {{in: {_list(self._tasks)}}}"
            yield f"      task_confidence: {{gte: {SURE}}}"
            yield "      complexity: {is: simple}"
            yield from _folded("      model: ", self._dear)
            yield "    route:"
            yield f"      cascade: [{{tier: cheap}}, {{tier: {self._home_of_simple_calls()}}}]"
            yield "      escalate: {rate: observed, floor: 0.02}"
        if self._traffic.total(self._is_everyday).calls:
            taken = self._of(self._is_everyday)
            yield f"  # {taken}: neither hard nor unclear, on a frontier model."
            yield "  - name: everyday"
            yield "    when:"
            yield "      complexity: {in: [simple, moderate]}"
            yield f"      task_confidence: {{gte: {SURE}}}"
            yield from _folded("      model: ", self._frontier)
            yield "    route: {tier: balanced}"

    def _improvements(self) -> Iterator[str]:
        """Where all calls are on cheap models already, what could be bought is better answers to hard ones."""
        taken = self._of(lambda group: group.complexity == "complex" and group.sure)
        yield "  # The log is on the cheap models of its providers already: no rule can save much here."
        yield f"  # This one costs more, and buys better answers. {taken}: they look hard."
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
        return group.complexity == "simple" and group.sure and group.label in self._dear

    def _home_of_simple_calls(self) -> str:
        """The band on which most is spent for them today: where they go when the small model fails."""
        spent = {"frontier": 0, "balanced": 0}
        for group, part in self._traffic.groups.items():
            band = self._bands.of.get(group.model)
            if band in spent and self._is_simple(group):
                spent[band] += part.cost
        return max(spent, key=lambda band: spent[band])

    def _is_simple(self, group: Group) -> bool:
        return group.task in self._tasks and self._looks_simple(group)

    def _is_everyday(self, group: Group) -> bool:
        easy = group.complexity in ("simple", "moderate") and group.sure and not self._is_simple(group)
        return easy and group.label in self._frontier

    def _labels(self, *bands: str) -> list[str]:
        """The log's own names of its models of these bands, dearest first."""
        spent: dict[str, int] = {}
        for group, part in self._traffic.groups.items():
            if self._bands.of.get(group.model) in bands:
                spent[group.label] = spent.get(group.label, 0) + part.cost
        ranked = sorted(spent, key=lambda label: (-spent[label], label))
        return [label for label in ranked if spent[label] >= self._whole.cost * _RARE]

    def _of(self, wanted: Wanted) -> str:
        found: Sum = self._traffic.total(wanted)
        return f"{self._share(found.cost)} of the cost, {_calls(found.calls)}"

    def _share(self, cost: int) -> str:
        percent = cost / self._whole.cost * 100 if self._whole.cost else 0
        return "under 1 %" if 0 < percent < 1 else f"{percent:.0f} %"


def _calls(count: int) -> str:
    return f"{count:,} call{'' if count == 1 else 's'}"


def _money(amount: int) -> str:
    dollars = usd(amount)
    return f"{dollars:,.2f}" if dollars >= 1 else f"{dollars:.3g}"


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
