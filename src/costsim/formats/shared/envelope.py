"""The envelope that people's own loggers put around a request and its response: when, who, which route, which tags.

There is no standard for it; these are the names seen in the wild. A format's line struct inherits `Envelope`, so every
format that logs pairs understands the same names.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

import msgspec

from costsim.formats.shared.hosts import provider_at
from costsim.formats.shared.numbers import NOTHING
from costsim.formats.shared.times import many_microseconds, microseconds
from costsim.schema import Call

Scalar = int | float | str | bool | None
Number = float | str | None
NO_RAW = msgspec.Raw()
"""A field that the line does not have, where what it has is decoded later or not at all."""


_TIMES = (
    "timestamp", "time", "ts", "at", "created_at", "started_at", "start_time", "start_time_camel", "logged_at"
)  # fmt: skip


class Envelope(msgspec.Struct, gc=False):
    """What may stand beside the request and the response in one line of a log."""

    timestamp: Number = None
    time: Number = None
    ts: Number = None
    at: Number = msgspec.field(default=None, name="@timestamp")
    created_at: Number = None
    started_at: Number = None
    start_time: Number = None
    start_time_camel: Number = msgspec.field(default=None, name="startTime")
    logged_at: Number = None

    route: str | None = None
    workflow: str | None = None
    endpoint: str | None = None
    feature: str | None = None
    user: Scalar = None
    user_id: Scalar = None
    team: Scalar = None
    environment: Scalar = None
    metadata: msgspec.Raw = NO_RAW
    tags: msgspec.Raw = NO_RAW

    conversation_id: Scalar = None
    session_id: Scalar = None
    thread_id: Scalar = None
    trace_id: Scalar = None
    parent_id: Scalar = None
    request_id: Scalar = None

    duration_ms: float | None = None
    latency_ms: float | None = None
    time_to_first_token_ms: float | None = None
    ttft_ms: float | None = None
    status: Scalar = None
    status_code: Scalar = None
    provider: str | None = None
    uri: str | None = None
    url: str | None = None
    region: str | None = None
    retry_of: str | None = None
    attempt: int | None = None
    is_cached: Scalar = None
    from_cache: Scalar = None
    quality: float | None = None
    score: float | None = None
    response_headers: dict[str, Any] | None = None


def fill(call: Call, line: Envelope, request_metadata: msgspec.Raw = NO_RAW, created: Number = None) -> None:
    """Put what the envelope says into the call; `created` is the provider's own time, where the envelope has none."""
    when = line.timestamp or line.time or line.ts or line.at or line.created_at or line.started_at
    when = when or line.start_time or line.start_time_camel or line.logged_at or created
    if when is None and line.response_headers:
        when = line.response_headers.get("date")
    if when is not None:
        call.started_at = microseconds(when)
    call.duration_ms = line.duration_ms if line.duration_ms is not None else line.latency_ms
    first = line.time_to_first_token_ms
    call.time_to_first_token_ms = first if first is not None else line.ttft_ms
    call.route = line.route or line.workflow or line.feature or line.endpoint
    if (user := line.user if line.user is not None else line.user_id) is not None:
        call.user = word(user) or call.user
    if (conversation := line.conversation_id or line.session_id or line.thread_id) is not None:
        call.conversation_id = word(conversation)
    if line.trace_id is not None or line.parent_id is not None:
        call.trace_id, call.parent_id = word(line.trace_id), word(line.parent_id)
    call.provider = line.provider or (provider_at(line.uri or line.url) if line.uri or line.url else None)
    if line.region is not None:
        call.region = line.region
    call.retry_of, call.attempt = line.retry_of, line.attempt
    if line.is_cached or line.from_cache:
        call.billed = not _is_hit(line.is_cached, line.from_cache)
    call.quality = line.quality if line.quality is not None else line.score
    call.tags = _tags(request_metadata, line.metadata, line.tags, line.team, line.environment)


def _tags(
    request_metadata: msgspec.Raw, metadata: msgspec.Raw, tags: msgspec.Raw, team: Scalar, environment: Scalar
) -> dict[str, str] | None:
    if team is None and environment is None and metadata is NO_RAW and request_metadata is NO_RAW:
        return None if tags is NO_RAW else _decoded((bytes(tags),), ())  # as a rule
    named: tuple[tuple[str, Scalar], ...] = ()
    if team is not None or environment is not None:
        named = (("team", team), ("environment", environment))
    parts = [bytes(part) for part in (request_metadata, metadata, tags) if part is not NO_RAW]
    return _decoded(tuple(parts), named) if parts or named else None


Columns = Mapping[str, Sequence[Any]]
"""Field of a struct -> its value in each of many."""


def columns(
    lines: Columns, metadata: Sequence[msgspec.Raw], created: Sequence[float | None]
) -> dict[str, Sequence[Any]]:
    """Return what `fill` puts into each of many calls; `created` and request `metadata` as there, for each line."""
    return {
        "started_at": many_microseconds(_times(lines, created)),
        "duration_ms": first_stated(lines, "duration_ms", "latency_ms"),
        "time_to_first_token_ms": first_stated(lines, "time_to_first_token_ms", "ttft_ms"),
        "route": first_true(lines, "route", "workflow", "feature", "endpoint"),
        "user": words(first_stated(lines, "user", "user_id")),
        "conversation_id": words(first_true(lines, "conversation_id", "session_id", "thread_id")),
        "trace_id": words(lines["trace_id"]),
        "parent_id": words(lines["parent_id"]),
        "provider": _providers(lines),
        "quality": first_stated(lines, "quality", "score"),
        "billed": _billed(lines),
        **{name: lines[name] for name in ("region", "retry_of", "attempt")},
        "tags": _many_tags(lines, metadata),
    }


def silent(column: Sequence[Any], nothing: Any = None) -> bool:
    """Whether nothing is said in a column."""
    return not column or (column[0] is nothing and column.count(nothing) == len(column))


def first_true(columns: Columns, *names: str) -> Sequence[Any]:
    """Return `a or b or ...` of some columns."""
    found = columns[names[0]]
    for name in names[1:]:
        if all(found):
            break
        found = [one or other for one, other in zip(found, columns[name], strict=True)]
    return found


def first_stated(columns: Columns, *names: str) -> Sequence[Any]:
    """Return the first that is not None of some columns."""
    found = columns[names[0]]
    for name in names[1:]:
        if None in found and not silent(columns[name]):
            found = [other if one is None else one for one, other in zip(found, columns[name], strict=True)]
    return found


def words(values: Sequence[Scalar]) -> Sequence[str | None]:
    """Return `word` of each value."""
    if silent(values) or (all(values) and set(map(type, values)) == {str}):
        return cast("Sequence[str | None]", values)
    return [word(value) for value in values]


def written(raws: Sequence[msgspec.Raw]) -> list[bytes]:
    """Return the bytes of each: added to nothing, in three quarters of the time that `bytes` takes."""
    return [b"" + raw for raw in raws]


def failures(lines: Columns) -> Sequence[str | None]:
    """Return `failed` of each line."""
    if silent(lines["status_code"]) and set(lines["status"]) <= {None, 200}:
        return [None] * len(lines["status"])
    return [_failed(*of_line) for of_line in zip(lines["status"], lines["status_code"], strict=True)]


def _is_hit(*said: Scalar) -> bool:
    """Whether an answer came out of a client's own cache, as AutoGen says it: nobody was asked."""
    return any(str(each).lower() in ("true", "1", "1.0", "yes") for each in said)


def _billed(lines: Columns) -> Sequence[bool]:
    cached, kept = lines["is_cached"], lines["from_cache"]
    if silent(cached) and silent(kept):
        return [True] * len(cached)
    return [not _is_hit(*said) for said in zip(cached, kept, strict=True)]


def _times(lines: Columns, created: Sequence[float | None]) -> Sequence[Any]:
    times = first_true(lines, *_TIMES)
    if all(times):
        return times
    times = [time or other for time, other in zip(times, created, strict=True)]
    return [
        headers.get("date") if time is None and headers else time
        for time, headers in zip(times, lines["response_headers"], strict=True)
    ]


def _providers(lines: Columns) -> Sequence[str | None]:
    named, addresses = lines["provider"], first_true(lines, "uri", "url")
    if silent(addresses):
        return named if silent(named) else [name or None for name in named]
    return [name or (provider_at(at) if at else None) for name, at in zip(named, addresses, strict=True)]


def _many_tags(lines: Columns, metadata: Sequence[msgspec.Raw]) -> Sequence[dict[str, str] | None]:
    team, environment, own, tags = (lines[name] for name in ("team", "environment", "metadata", "tags"))
    if silent(team) and silent(environment) and silent(own, NO_RAW) and silent(metadata, NO_RAW):
        texts = written(tags)  # as a rule
        known = {text: _decoded((text,), ()) if text else None for text in set(texts)}
        return list(map(known.__getitem__, texts))
    return [_tags(*of_line) for of_line in zip(metadata, own, tags, team, environment, strict=True)]


def failed(line: Envelope) -> str | None:
    """Return the status of a failed call ('429', 'error') as the envelope tells it, else None."""
    if (line.status == 200 or line.status is None) and line.status_code is None:
        return None
    return _failed(line.status, line.status_code)


def _failed(said: Scalar, code: Scalar) -> str | None:
    for status in (code, said):
        if isinstance(status, int | float) and not isinstance(status, bool) and status >= 400:
            return str(int(status))
        if isinstance(status, str):
            if status.isdecimal() and int(status) >= 400:
                return status
            if status.lower() in ("error", "failure", "failed", "timeout", "exception"):
                return status.lower()
    return None


def word(value: Scalar) -> str | None:
    """Return an id or a name as text; None where there is none."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else str(value)


def flat_tags(tags: Any) -> dict[str, str]:
    """Return tags in any shape that logs have as one flat dict of texts: {'env': 'prod'}, 'env:prod', 'prod' alike."""
    if not tags:
        return {}
    if isinstance(tags, dict):
        return {str(key): _text(value) for key, value in tags.items() if value is not None and value != ""}
    found = {}
    if isinstance(tags, str):
        tags = [] if tags.strip().lower() in NOTHING else tags.split(",")
    for item in tags if isinstance(tags, list) else [tags]:
        key, mark, value = _tag(str(item))
        if key:
            found[key] = value if mark else "true"
    return found


def _tag(item: str) -> tuple[str, str, str]:
    """A tag's key and value, parted by whichever of ':' and '=' comes first: 'url=http://x' is one tag called url."""
    colon, equals = item.find(":"), item.find("=")
    key, mark, value = item.partition("=" if equals >= 0 and (colon < 0 or equals < colon) else ":")
    return key.strip(), mark, value.strip()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


@lru_cache(maxsize=4096)
def _decoded(parts: tuple[bytes, ...], named: tuple[tuple[str, Scalar], ...]) -> dict[str, str] | None:
    """The tags of equal texts are one object: a log repeats few sets of tags in many lines."""
    tags: dict[str, str] = {}
    for part in parts:
        if part:
            tags.update(flat_tags(msgspec.json.decode(part)))
    tags.update((name, text) for name, value in named if (text := word(value)) is not None)
    return tags or None
