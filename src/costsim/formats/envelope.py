"""The envelope that people's own loggers put around a request and its response: when, who, which route, which tags.

There is no standard for it; these are the names seen in the wild. A format's line struct inherits `Envelope`, so every
format that logs pairs understands the same names.
"""

from functools import lru_cache
from typing import Any

import msgspec

from costsim.formats.hosts import provider_at
from costsim.formats.times import microseconds
from costsim.schema import Call

Scalar = int | float | str | bool | None
Number = float | str | None
NO_RAW = msgspec.Raw()
"""A field that the line does not have, where what it has is decoded later or not at all."""


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
    quality: float | None = None
    score: float | None = None
    response_headers: dict[str, Any] | None = None


def fill(call: Call, line: Envelope, request_metadata: msgspec.Raw = NO_RAW, created: float | None = None) -> None:
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
    call.quality = line.quality if line.quality is not None else line.score
    call.tags = _tags(line, request_metadata)


def _tags(line: Envelope, request_metadata: msgspec.Raw) -> dict[str, str] | None:
    if line.team is None and line.environment is None and line.metadata is NO_RAW and request_metadata is NO_RAW:
        return None if line.tags is NO_RAW else _decoded((bytes(line.tags),), ())  # as a rule
    named: tuple[tuple[str, Scalar], ...] = ()
    if line.team is not None or line.environment is not None:
        named = (("team", line.team), ("environment", line.environment))
    parts = [bytes(part) for part in (request_metadata, line.metadata, line.tags) if part is not NO_RAW]
    return _decoded(tuple(parts), named) if parts or named else None


def failed(line: Envelope) -> str | None:
    """Return the status of a failed call ('429', 'error') as the envelope tells it, else None."""
    if (line.status == 200 or line.status is None) and line.status_code is None:
        return None
    for status in (line.status_code, line.status):
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
        tags = tags.split(",")
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
