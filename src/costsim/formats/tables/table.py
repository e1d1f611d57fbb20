"""One table's columns to calls: a mapping is worked out once into a plan, which reads row after row."""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET

from costsim.formats.shared import cells, chat_text, envelope
from costsim.formats.shared.numbers import inclusive_total, real, trillionths, whole
from costsim.formats.shared.times import microseconds
from costsim.formats.tables.getters import Getter, getter, name_in, text_getter
from costsim.formats.tables.guessing import guess, names_in
from costsim.formats.tables.mapping import (
    Column,
    Duration,
    Input,
    Mapping,
    Money,
    Output,
    Time,
    source,
    squeezed,
    tag_columns,
)
from costsim.schema import Call

Reading = Callable[[Any], Any]

_PER_USD = {"usd": 1, "cents": 100, "micros": 10**6, "trillionths": 10**12}
_COUNTS = (
    "input_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens", "output_tokens",
    "reasoning_tokens", "audio_input_tokens", "audio_output_tokens", "image_input_tokens", "web_searches",
    "attempt", "max_output_tokens",
)  # fmt: skip
_READINGS: dict[str, Reading] = {
    "quality": real,
    "temperature": real,
    "status": cells.status,
    "billed": cells.truth,
    "wants_json": cells.truth,
    "has_tools": cells.truth,
    "streamed": cells.truth,
    "finish_reason": cells.finish,
    "answer_check": cells.check,
    "error_type": cells.reason,
    "operation": cells.operation,
    "tokens_basis": cells.basis,
    **dict.fromkeys(_COUNTS, whole),
    "turns": lambda value: turns if (turns := whole(value)) is not None and 0 <= turns <= _MOST_TURNS else None,
}
_MOST_TURNS = 10**6
"""More messages than this have no place in one request: the cell says something else."""
_APART = ("tags", "system", "prompt", "response", "total_tokens", "from_cache")
"""What a mapping names that is no field of a `Call`."""
_KINDS_OF_SPANS = ("span_kind", "span.kind", "openinference.span.kind", "gen_ai.operation.name")
_AROUND = frozenset({
    "agent", "workflow", "task", "tool", "chain", "retriever", "retrieval", "guardrail", "evaluator", "invoke_agent",
    "create_agent", "execute_tool", "invoke_workflow",
})  # fmt: skip
"""Kinds of spans around those of models; where they state tokens, these are what the spans inside them state."""
_PYTHONS = frozenset({"True", "False", "TRUE", "FALSE"})
"""Yes and no as programs write them into tables; conditions on a tag know `true` and `false`."""
_HIT = frozenset({"true", "yes", "hit"})


class Plan(msgspec.Struct):
    """What to take from each row of a table: cells, constants, texts and tags, and what its headline counts
    include.
    """

    cells: list[tuple[str, str, Reading]] = []
    inner: list[tuple[str, Getter, Reading]] = []
    constants: dict[str, Any] = {}
    texts: dict[str, Getter] = {}
    tags: list[tuple[str, Getter]] = []
    total: Getter | None = None
    from_cache: Getter | None = None
    kinds: list[Getter] = []
    says: frozenset[str] = frozenset()
    includes_cached: bool | None = None
    cached_by_habit: bool = True
    includes_reasoning: bool | None = None

    def call(self, row: dict[str, Any]) -> Call | None:
        """Return the call of one row; None where the row says nothing of one, or sums up what others tell."""
        if self.kinds and any(str(get(row)).lower() in _AROUND for get in self.kinds):
            return None
        call = Call(**self.constants)
        for name, column, reading in self.cells:
            value = row.get(column)
            if value is not None and (value := reading(value)) is not None:
                setattr(call, name, value)
        for name, get, reading in self.inner:
            if (value := reading(get(row))) is not None:
                setattr(call, name, value)
        if self.texts:
            _fill_text(call, row, self.texts)
        self._settle_status(call)
        if not _is_call(call):
            return None
        if call.reported_cost == 0 and self.from_cache is not None:
            call.billed &= str(self.from_cache(row)).strip().lower() not in _HIT  # a number would be tokens
        self._include_parts(call, row)
        if self.tags:
            call.tags = _tags(row, self.tags) or None
        return call

    def _settle_status(self, call: Call) -> None:
        if call.error_type is not None and "status" not in self.says:
            call.status = "error"
        if call.status == "error" and "billed" not in self.says:
            call.billed = bool(call.input_tokens or call.output_tokens)

    def _include_parts(self, call: Call, row: dict[str, Any]) -> None:
        """Make the headline counts include their parts, as the mapping says, or as the row's own figures
        show.
        """
        total = whole(self.total(row)) if self.total is not None else None
        said = call.output_tokens
        if call.output_tokens is None and call.operation == "embedding":
            call.output_tokens = 0
        if call.output_tokens is not None and call.reasoning_tokens:
            call.output_tokens = _including(
                call.output_tokens,
                call.reasoning_tokens,
                call.input_tokens,
                total,
                self.includes_reasoning,
                True,
            )
        if call.input_tokens is None:
            return
        call.tokens_basis = call.tokens_basis or "logged"
        cached = (call.cache_read_tokens or 0) + (call.cache_write_tokens or 0)
        if cached:
            call.input_tokens = _including(
                call.input_tokens, cached, said, total, self.includes_cached, self.cached_by_habit
            )


def plan_of(mapping: Mapping, row: dict[str, Any]) -> Plan:
    """Return how to read rows with the names of `row`: by the mapping, and by a guess where the mapping is
    silent.
    """
    plan = Plan()
    sources = _sources(mapping, row)
    plan.says = frozenset(sources)
    for name, column in sources.items():
        if name not in _APART:
            _plan_cell(plan, name, column, row)
    plan.texts = {
        name: get for name in ("system", "prompt", "response") if (get := text_getter(row, sources.get(name)))
    }
    if (total := sources.get("total_tokens")) is not None and total.column is not None:
        plan.total = getter(row, total.column)
    paths = filter(None, map(names_in(row).find, _KINDS_OF_SPANS))
    plan.kinds = [get for path in paths if (get := getter(row, path)) is not None]
    if (cached := sources.get("from_cache")) is not None and cached.column is not None:
        plan.from_cache = getter(row, cached.column)
    tags = mapping.tags if mapping.tags is not UNSET else guess(row).tags
    plan.tags = [(tag, get) for tag, name in tag_columns(tags).items() if (get := getter(row, name))]
    tokens, spoken = sources.get("input_tokens"), sources.get("output_tokens")
    plan.includes_cached = tokens.includes_cached if isinstance(tokens, Input) else None
    plan.includes_reasoning = spoken.includes_reasoning if isinstance(spoken, Output) else None
    plan.cached_by_habit = not _is_anthropic(sources)
    return plan


def _sources(mapping: Mapping, row: dict[str, Any]) -> dict[str, Column]:
    """Each column's source: what the mapping says, then what a guess finds among the columns that the mapping
    leaves.
    """
    guessed = guess(row)
    found: dict[str, Column] = {}
    silent = []
    for name in mapping.__struct_fields__:
        said = source(mapping, name) if name != "tags" else None
        if said is UNSET:
            silent.append(name)
        elif isinstance(said, Column):
            found[name] = said
    taken = {squeezed(column.column) for column in found.values() if column.column is not None}
    for name in silent:
        said = source(guessed, name)
        if isinstance(said, Column) and squeezed(said.column or "") not in taken:
            found[name] = said
    return found


def _plan_cell(plan: Plan, name: str, column: Column, row: dict[str, Any]) -> None:
    reading = _reading(name, column)
    if column.column is None:
        plan.constants[name] = reading(column.value)
    elif (key := name_in(row, column.column)) is not None:
        plan.cells.append((name, key, reading))
    elif (get := getter(row, column.column)) is not None:
        plan.inner.append((name, get, reading))


def _reading(name: str, column: Column) -> Reading:
    if isinstance(column, Time):
        if column.unit or column.timezone or column.format or column.origin is not None:
            return cells.Moment(column.unit, column.timezone, column.format, column.origin)
        return _moment
    if isinstance(column, Duration):
        return partial(_milliseconds, cells.MICROSECONDS[column.unit] / 1000)
    if isinstance(column, Money):
        return partial(trillionths, per_usd=_PER_USD[column.unit])
    return _READINGS.get(name, cells.text)


def _moment(value: Any) -> int | None:
    return microseconds(value) if isinstance(value, int | float | str) else None


def _milliseconds(scale: float, value: Any) -> float | None:
    number = real(value)
    return None if number is None else number * scale


def _is_anthropic(sources: dict[str, Column]) -> bool:
    """Whether the names are Anthropic's, and so its arithmetic: input beside cache reads and writes, not
    above them.

    Gateways that call the input `prompt_tokens` made it inclusive whatever they call the rest, as
    OpenTelemetry did.
    """
    names = {name: squeezed(column.column or "") for name, column in sources.items()}
    tokens = names.get("input_tokens", "")
    own = (
        "creation" in names.get("cache_write_tokens", "")
        or names.get("cache_read_tokens", "") == "cachereadinputtokens"
    )
    return own and "prompt" not in tokens and "genai" not in tokens


def _including(headline: int, part: int, beside: int | None, total: int | None, said: bool | None, habit: bool) -> int:
    if said is None:
        return inclusive_total(headline, part, beside, total, includes=habit)
    return headline if said else headline + part


def _is_call(call: Call) -> bool:
    if call.input_tokens is not None or call.output_tokens is not None or call.status == "error":
        return True
    return call.messages is not None or call.answer is not None or (call.model and call.reported_cost) is not None


def _fill_text(call: Call, row: dict[str, Any], texts: dict[str, Getter]) -> None:
    if (get := texts.get("prompt")) is not None:
        call.messages = chat_text.messages_in(get(row), call)
    if (get := texts.get("system")) is not None and (system := cells.plain(get(row))) is not None:
        call.messages = [("system", system), *(call.messages or ())]
    if (get := texts.get("response")) is not None:
        call.answer = chat_text.text_in(get(row))


def _tags(row: dict[str, Any], columns: list[tuple[str, Getter]]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for tag, get in columns:
        value = cells.opened(get(row))
        if squeezed(tag) in ("tags", "labels") or isinstance(value, dict):
            tags.update(envelope.flat_tags(cells.pairs(value)))
        elif isinstance(value, bool):
            tags[tag] = str(value).lower()
        elif (text := cells.text(value)) is not None:
            tags[tag] = text.lower() if text in _PYTHONS else text
    return tags
