"""The mapping of a table: which of its columns stands for which column of `calls`; written by a user in YAML,
or guessed.

model: Model Name                                  a column of the file; a dotted path reaches into nested
JSON provider: {value: openai}                          the same for every row started_at: {column: TIMESTAMP,
timezone: Europe/Berlin} input_tokens: {column: prompt, includes_cached: true} tags: [team, environment]
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, UnsetType

from costsim.decode import config_error_at
from costsim.errors import nearest
from costsim.formats.shared.times import microseconds

Unit = Literal["s", "ms", "us", "ns"]


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a value comes from: a column of the file, or a constant."""

    column: str | None = None
    value: str | int | float | bool | None = None

    def __post_init__(self) -> None:
        if (self.column is None) == (self.value is None):
            raise ValueError("needs either `column` or `value`")


class Time(Column, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A time: texts may need a `format` (as strptime) and a `timezone`, numbers a `unit` and the `origin`
    they count from.
    """

    unit: Unit | None = None
    timezone: str | None = None
    format: str | None = None
    origin: Any = None
    """A text, or what YAML makes of a time that stands there without quotes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.timezone is not None:
            try:
                ZoneInfo(self.timezone)
            except (KeyError, ValueError, OSError) as problem:
                raise ValueError(
                    f"no time zone is called '{self.timezone}', say for example Europe/Berlin"
                ) from problem
        if self.origin is not None and microseconds(str(self.origin)) is None:
            raise ValueError(f"'{self.origin}' is no time, say for example 2026-01-31T00:00:00Z")


class Duration(Column, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A length of time in `unit`; milliseconds where it does not say."""

    unit: Unit = "ms"


class Money(Column, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An amount in `unit`: USD, hundredths, millionths or 10^-12 of it."""

    unit: Literal["usd", "cents", "micros", "trillionths"] = "usd"


class Input(Column, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Input tokens; where it is not said whether they include the cached ones, each row's figures and the
    names decide.
    """

    includes_cached: bool | None = None


class Output(Column, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Output tokens; where it is not said whether they include reasoning, each row's figures and the names
    decide.
    """

    includes_reasoning: bool | None = None


Plain = Column | str | UnsetType | None


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """For each column of `calls` its source; what is left out is guessed by name, what is null is not in the
    file.
    """

    call_id: Plain = UNSET
    started_at: Time | str | UnsetType | None = UNSET
    duration_ms: Duration | str | UnsetType | None = UNSET
    time_to_first_token_ms: Duration | str | UnsetType | None = UNSET
    provider: Plain = UNSET
    model: Plain = UNSET
    requested_model: Plain = UNSET
    operation: Plain = UNSET
    service_tier: Plain = UNSET
    region: Plain = UNSET
    input_tokens: Input | str | UnsetType | None = UNSET
    cache_read_tokens: Plain = UNSET
    cache_write_tokens: Plain = UNSET
    cache_write_1h_tokens: Plain = UNSET
    output_tokens: Output | str | UnsetType | None = UNSET
    reasoning_tokens: Plain = UNSET
    total_tokens: Plain = UNSET
    audio_input_tokens: Plain = UNSET
    audio_output_tokens: Plain = UNSET
    image_input_tokens: Plain = UNSET
    web_searches: Plain = UNSET
    tokens_basis: Plain = UNSET
    status: Plain = UNSET
    billed: Plain = UNSET
    from_cache: Plain = UNSET
    """Whether a gateway answered from its own cache; where it charged nothing for that, the call is not billed."""
    finish_reason: Plain = UNSET
    answer_check: Plain = UNSET
    error_type: Plain = UNSET
    retry_of: Plain = UNSET
    attempt: Plain = UNSET
    fallback_of: Plain = UNSET
    conversation_id: Plain = UNSET
    trace_id: Plain = UNSET
    parent_id: Plain = UNSET
    route: Plain = UNSET
    user: Plain = UNSET
    quality: Plain = UNSET
    task: Plain = UNSET
    """The task where the table states it: one of `costsim tasks list`; any other word is passed over."""
    max_output_tokens: Plain = UNSET
    temperature: Plain = UNSET
    wants_json: Plain = UNSET
    has_tools: Plain = UNSET
    modalities: Plain = UNSET
    turns: Plain = UNSET
    streamed: Plain = UNSET
    reported_cost: Money | str | UnsetType | None = UNSET
    system: Plain = UNSET
    prompt: Plain = UNSET
    response: Plain = UNSET
    tags: list[str] | dict[str, str] | UnsetType | None = UNSET


_KINDS: dict[str, type[Column]] = {
    "started_at": Time,
    "duration_ms": Duration,
    "time_to_first_token_ms": Duration,
    "input_tokens": Input,
    "output_tokens": Output,
    "reported_cost": Money,
}


def source(mapping: Mapping, name: str) -> Column | UnsetType | None:
    """Return where the mapping takes `name` from: a plain column name is the short form of a `Column`."""
    found = getattr(mapping, name)
    if not isinstance(found, str):
        return found  # type: ignore[no-any-return]
    return _KINDS.get(name, Column)(column=found)


def tag_columns(tags: list[str] | dict[str, str] | UnsetType | None) -> dict[str, str]:
    """Return the columns that become tags, by the name of the tag."""
    if tags is UNSET or not tags:
        return {}
    return dict(tags) if isinstance(tags, dict) else {column: column for column in tags}


def columns_used(mapping: Mapping) -> dict[str, str]:
    """Return the columns of the file that the mapping uses, by where in the mapping they stand."""
    used = {}
    for name in mapping.__struct_fields__:
        if name != "tags" and isinstance(found := source(mapping, name), Column) and found.column is not None:
            used[name] = found.column
    return used | {f"tags.{name}": column for name, column in tag_columns(mapping.tags).items()}


def check_columns(mapping: Mapping, path: Path, known: list[str]) -> None:
    """Raise a ConfigError at the first column that the mapping uses and a table with the columns `known` does
    not have.

    For tables whose header names every column; a record of JSON may lack a field that others have.
    """
    names = {squeezed(name) for name in known}
    for place, column in columns_used(mapping).items():
        if squeezed(column) not in names and squeezed(column.partition(".")[0]) not in names:
            text = path.read_text(encoding="utf-8")
            where = f"$.{place}"
            raise config_error_at(
                text, str(path), where, f"{place}: the log has no column '{column}'", nearest(column, known)
            )


@lru_cache(maxsize=4096)
def squeezed(name: str) -> str:
    """Return a column name without case, spaces and punctuation, so that 'Prompt Tokens' and 'prompt_tokens'
    are one.
    """
    return re.sub(r"[\W_]+", "", name).lower()
