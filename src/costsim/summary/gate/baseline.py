"""What a log came to, as the gate compares it: sums by route, task and model, with their spread, and no text.

It is also the file that a team commits: sorted, one group to a line, so that a change of it can be read in a review.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from costsim.errors import EvidenceError, LogError

SCHEMA_VERSION = "2"
KIND = "costsim-baseline"

Scope = tuple[str | None, str | None]
"""Route and task."""


class Cell(msgspec.Struct):
    """The priced calls of one route, task and model; first tries and repeats apart."""

    route: str | None
    task: str | None
    model: str | None
    repeats: bool
    """Whether these are retries, fallbacks and escalations of work that was tried before."""
    calls: int
    errors: int
    cost_usd: str
    units: dict[str, tuple[int, str]]
    """Unit -> how many were billed, and what they cost; the costs add up to the cell's."""


class Spread(msgspec.Struct):
    """How far the mean cost of a route and task is known."""

    route: str | None
    task: str | None
    clusters: int
    """Conversations, or groups of them, that were drawn independently of each other."""
    error: float | None
    """Standard error of the mean cost of a piece of work, as a part of that mean; None where it cannot be known."""


class Level(msgspec.Struct):
    """Where the logarithms of a model's first tries lie that cost something: mean and standard error of each."""

    route: str | None
    task: str | None
    model: str | None
    clusters: int
    ln_cost: tuple[float, float] | None
    """Of 10^-12 USD."""
    ln_input: tuple[float, float] | None
    ln_output: tuple[float, float] | None


class Kind(msgspec.Struct):
    """The calls of a model that are alike: read from a cache or not, thinking or not, and so on (`kinds.WORDS`).

    Of calls that cost something. A slope is how much a measure grows with ln(1 + tokens of the user's message), an
    error that of the mean at a given size of this message.
    """

    route: str | None
    task: str | None
    model: str | None
    kind: str
    calls: int
    clusters: int
    cost_usd: str
    size: tuple[float, float]
    """Mean and standard deviation of ln(1 + tokens of the user's message)."""
    cost: tuple[float, float]
    """Slope and error, as parts of the mean cost."""
    ln_cost: tuple[float, float, float]
    """Mean, slope and error of ln(cost / 10^-12 USD); so too for tokens."""
    ln_input: tuple[float, float, float]
    ln_output: tuple[float, float, float]


class Pairing(msgspec.Struct):
    """What single prompts or test cases cost, so that the same ones can be compared."""

    by: str
    """prompt, or tag:NAME."""
    cases: dict[str, dict[str, tuple[int, str]]]
    """Route -> keyed hash -> calls and their cost in USD."""


class PricesUsed(msgspec.Struct):
    """The price table."""

    hash: str
    newest: str
    as_of: str


class Counted(msgspec.Struct):
    """What the figures rest on."""

    calls: int
    priced: int
    rejected: int
    lines: int


class Span(msgspec.Struct, rename={"start": "from"}):
    """The time that the calls span."""

    start: str | None
    to: str | None
    days: float | None


class Accepted(msgspec.Struct):
    """One time that somebody made these figures the baseline."""

    at: str
    reason: str
    calls: int
    cost_per_call_usd: str | None


class Baseline(msgspec.Struct):
    """A log's figures."""

    schema_version: str
    kind: str
    window: Span
    prices: PricesUsed
    counted: Counted
    cells: list[Cell]
    spreads: list[Spread]
    levels: list[Level]
    kinds: list[Kind]
    pairing: Pairing | None = None
    history: list[Accepted] = []


def encoded(found: Baseline) -> bytes:
    """Return the file: JSON, sorted, one group to a line."""
    plain: dict[str, Any] = msgspec.to_builtins(found)
    lines = [f'  "{name}": {_value(plain[name], name)}' for name in Baseline.__struct_fields__]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _value(value: Any, name: str) -> str:
    if name == "pairing" and value:
        routes = (
            f"      {_json(route)}: {_mapping(cases, '        ')}" for route, cases in sorted(value["cases"].items())
        )
        return f'{{"by": {_json(value["by"])}, "cases": {{\n' + ",\n".join(routes) + "\n  }}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"    {_json(each)}" for each in value) + "\n  ]"
    return _json(value)


def _mapping(cases: dict[str, Any], indent: str) -> str:
    return "{\n" + ",\n".join(f"{indent}{_json(key)}: {_json(cases[key])}" for key in sorted(cases)) + "}"


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value, order=None), indent=0).decode()


def read(path: Path, how: str) -> Baseline:
    """Return a baseline from its file; EvidenceError where there is none or it is of another schema.

    `how` is the command that makes one.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as problem:
        raise EvidenceError("there is no baseline yet", where=str(path), hint=how) from problem
    except OSError as problem:
        raise LogError(f"cannot be read: {problem.strerror}", where=str(path)) from problem
    return decoded(content, str(path), how)


def decoded(content: bytes, where: str, how: str) -> Baseline:
    """Return a baseline from the bytes of its file."""
    try:
        plain = msgspec.json.decode(content)
        is_one = isinstance(plain, dict) and plain.get("kind") == KIND
        version = plain.get("schema_version") if is_one else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        is_one, version = False, None
    if not is_one:
        raise EvidenceError("is no baseline of costsim", where=where, hint=how.replace(where, "FILE"))
    if version != SCHEMA_VERSION:
        raise EvidenceError(f"is of schema {version}, this costsim knows {SCHEMA_VERSION}", where=where, hint=how)
    try:
        return msgspec.convert(plain, Baseline)
    except msgspec.ValidationError as problem:
        raise EvidenceError(f"is damaged: {problem}", where=where, hint=how) from problem


def amount(text: str) -> int:
    """Return an exact decimal of USD in 10^-12 USD."""
    return int(Decimal(text).scaleb(12))
