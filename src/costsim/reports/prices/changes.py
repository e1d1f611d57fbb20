"""What changed between two sets of prices, as plain values and as text; and what an import took in."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from costsim.reports.aligned import NOTHING, columns
from costsim.reports.legible import clean
from costsim.reports.numbers import plural
from costsim.reports.prices.rate_card import per

_INDENT = "  "
_PLAIN_MINUS = str.maketrans("−", "-")


class RateChange(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's rate before and after; None = no such rate."""

    tier: str
    from_: str | None = msgspec.field(name="from")
    """The day from which the two differ so; None = as far back as is known."""
    from_tokens: int
    hours: str
    unit: str
    old: str | None
    new: str | None
    percent: str | None
    """Signed, one digit; None where there is nothing to compare with."""


class ModelChange(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that changed about one model."""

    model: str
    change: str
    """added, removed or changed."""
    rates: list[RateChange] = []
    facts: dict[str, tuple[str | None, str | None]] = {}
    """What is known beside the rates: before and after."""
    likewise: list[str] = []
    """Regions of the model, whose rates changed by the same percentages."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What changed from one set of prices to another."""

    schema_version: str = "1"
    command: str = "prices diff"
    before: str
    after: str
    compared: str
    """How the two were compared, in words."""
    added: int
    removed: int
    changed: int
    models: list[ModelChange]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of every entry of another project's list."""

    source: str
    out: str | None
    """Where it was written; None = nowhere, it was only looked at."""
    files: int
    added: list[str]
    changed: list[ModelChange]
    unchanged: list[str]
    left_out: list[str]
    """`provider/model: why`: entries that would break the rules of our files."""
    not_understood: list[str]
    """Entries that state no price that is known here."""


def as_table(found: Difference) -> str:
    """Return a block per model: `+` added, `-` removed, `~` changed with every rate before and after."""
    blocks = [line for model in found.models for line in _block(model)]
    return "\n".join([*blocks, *([""] if blocks else []), _summary(found)]) + "\n"


def as_markdown(found: Difference) -> str:
    """Return a table with a row per changed rate, for a pull request."""
    rows = [row for model in found.models for row in _markdown_rows(model)]
    head = ["| model | what | old | new | change |", "|---|---|--:|--:|--:|"]
    return "\n".join([_summary(found), "", *([*head, *rows] if rows else [])]).rstrip() + "\n"


def as_json(found: Difference | Taken) -> str:
    """Return the values as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


DIFFERENCE: dict[str, Callable[[Difference], str]] = {
    "table": as_table,
    "json": as_json,
    "markdown": as_markdown,
}
"""What `costsim prices diff --format` names."""


def taken_as_text(taken: Taken) -> str:
    """Return what an import did, entry by entry, and the counts last."""
    lines = [f"+ {clean(name)}" for name in taken.added]
    lines += [line for model in taken.changed for line in _block(model)]
    lines += [f"= {clean(name)}" for name in taken.unchanged]
    lines += [f"! {clean(name)}" for name in taken.left_out]
    lines += [f"? {clean(name)}: states no price that is known here" for name in taken.not_understood]
    counts = (
        f"{len(taken.added):,} added (+), {len(taken.changed):,} with a new dated price (~), "
        f"{len(taken.unchanged):,} unchanged (=), {len(taken.left_out):,} left out (!), "
        f"{len(taken.not_understood):,} not understood (?)"
    )
    written = f"{plural(taken.files, 'file')} written to {taken.out}"
    where = written if taken.out else "nothing written: name a folder with --out"
    return "\n".join([*lines, *([""] if lines else []), counts, where]) + "\n"


TAKEN: dict[str, Callable[[Taken], str]] = {"table": taken_as_text, "json": as_json}
"""What `costsim prices import --format` names."""


def _summary(found: Difference) -> str:
    counts = f"{found.added:,} added, {found.removed:,} removed, {found.changed:,} changed"
    return f"{found.before} -> {found.after}: {counts} ({found.compared})"


def _block(model: ModelChange) -> Iterator[str]:
    mark = {"added": "+", "removed": "-"}.get(model.change, "~")
    yield f"{mark} {clean(model.model)}"
    if model.change == "changed":
        if not (model.rates or model.facts):
            yield f"{_INDENT}the same rates, written otherwise"
        yield from columns([_cells(rate) for rate in model.rates], _INDENT, right=(1, 3))
        for name, (old, new) in model.facts.items():
            yield f"{_INDENT}{name}: {old or NOTHING} -> {new or NOTHING}"
        if model.likewise:
            yield f"{_INDENT}and likewise in {', '.join(model.likewise)}"


def _cells(rate: RateChange) -> Sequence[str]:
    change = f"({rate.percent})" if rate.percent else ""
    return rate.unit, rate.old or NOTHING, "->", rate.new or NOTHING, change, f"per {per(rate.unit)}", _when(rate)


def _when(rate: RateChange) -> str:
    parts = [rate.tier]
    if rate.from_tokens:
        parts.append(f"prompts of {rate.from_tokens:,} tokens or more")
    if rate.hours:
        parts.append(rate.hours)
    if rate.from_:
        parts.append(f"from {rate.from_}")
    return ", ".join(parts)


def _markdown_rows(model: ModelChange) -> Iterator[str]:
    name = clean(model.model).replace("|", "\\|")
    if model.change != "changed":
        yield f"| {name} | {model.change} | | | |"
    for rate in model.rates if model.change == "changed" else ():
        what = f"{rate.unit} per {per(rate.unit)}, {_when(rate)}"
        yield f"| {name} | {what} | {rate.old or NOTHING} | {rate.new or NOTHING} | {rate.percent or ''} |"
    if model.likewise:
        yield f"| {name} ({', '.join(model.likewise)}) | likewise | | | |"
    for fact, (old, new) in model.facts.items():
        yield f"| {name} | {fact} | {old or NOTHING} | {new or NOTHING} | |"


def signed_percent(text: str) -> str:
    """Return a percentage with its sign in ASCII."""
    plain = text.translate(_PLAIN_MINUS)
    return plain if plain.startswith("-") else f"+{plain}"
