"""The row that a log format fills, and many of them side by side; it exists only at the door."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import msgspec
from msgspec.structs import astuple

PARTIAL = "partial"
"""The `tokens_basis` of a call whose output tokens are those of the answer's beginning: the log was not finished."""
NOT_ALL = 2**64 - 1
"""What `Call.attached` is where the log does not hold all that the request carries: it is like no other request."""
MESSAGE_ROLES = ("system", "user", "assistant", "tool")
"""The roles a `Message` may have; a format maps its own (developer, function, model, human ...) to these."""

Text = str | bytes
"""A text, or the JSON of it as it stands in the log, not decoded: most texts are only hashed and measured."""
Message = tuple[str, Text]
"""(role, text) of one message of a request; text is '' for a message of only images, audio or calls."""


FINE, INVALID_JSON, BAD_TOOL_CALL, REFUSAL = "ok", "invalid_json", "unparsable_tool_call", "refusal"
ANSWER_CHECKS = (FINE, INVALID_JSON, BAD_TOOL_CALL, REFUSAL)
"""What `answer_check` may be: what a program that takes the answer sees at once. Null where the log holds no whole
answer, or where neither JSON was asked for nor a tool was called.
"""


def text_of(message: Message) -> str:
    """Return the text of a message, whatever is wrong with its JSON."""
    text = message[1]
    if isinstance(text, str):
        return text
    try:
        return _decode_text(text)
    except (msgspec.DecodeError, UnicodeDecodeError):  # what is not decoded at first is not checked either
        return text[1:-1].decode("utf-8", "replace")


def answer_of(call: "Call") -> str | None:
    """Return the text of a call's answer; None where the log holds none."""
    return None if call.answer is None else text_of(("assistant", call.answer))


def texts_of(texts: Sequence[Text]) -> list[str]:
    """Return the texts of many messages, as `text_of` returns them one by one."""
    try:
        return [text if isinstance(text, str) else _decode_text(text) for text in texts]
    except (msgspec.DecodeError, UnicodeDecodeError):
        return [text_of(("", text)) for text in texts]


def one_text(texts: Sequence[Text]) -> str | bytes:
    """Return what several texts say as one text, each on lines of its own; one alone stays as it stands in the log."""
    said = [text for text in texts if text and text != _NOTHING_SAID]
    if len(said) == 1 and isinstance(said[0], str | bytes):
        return said[0]
    return "\n".join(texts_of(said))


def jsons_of(texts: Sequence[Text]) -> list[bytes]:
    """Return many texts as `json_of` returns them one by one."""
    return [text if isinstance(text, bytes) else json_of(text) for text in texts]


def json_of(text: str) -> bytes:
    """Return a text as JSON, the same for equal texts that were written the same way."""
    try:
        return msgspec.json.encode(text)
    except UnicodeEncodeError:  # half a surrogate pair
        return text.encode("utf-8", "surrogatepass")


_NOTHING_SAID = b'""'
_decode_text = msgspec.json.Decoder(str).decode


class Call(msgspec.Struct, kw_only=True, gc=False):
    """One logged, billable request, as a log format reads it; None is 'the log does not say'.

    Token counts are inclusive: `input_tokens` holds cache reads, cache writes and every modality, `output_tokens` holds
    reasoning. Times are UTC microseconds since 1970, money is integers of 10^-12 USD.
    """

    call_id: str | None = None
    started_at: int | None = None
    duration_ms: float | None = None
    time_to_first_token_ms: float | None = None

    provider: str | None = None
    model: str | None = None
    requested_model: str | None = None
    operation: str = "chat"
    service_tier: str | None = None
    region: str | None = None

    input_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    audio_input_tokens: int | None = None
    audio_output_tokens: int | None = None
    image_input_tokens: int | None = None
    image_output_tokens: int | None = None
    web_searches: int | None = None
    file_searches: int | None = None
    map_searches: int | None = None
    fees: dict[str, int] | None = None
    """What else the provider bills by the piece: unit of the price files -> how many."""
    tokens_basis: str | None = None
    """logged, partial, counted (tiktoken) or estimated; None where there is no text to count either."""

    status: str = "ok"
    """ok or error."""
    billed: bool = True
    """False where the provider charges nothing: a request that it refused, an answer from a gateway's own cache."""
    finish_reason: str | None = None
    answer_check: str | None = None
    """One of `ANSWER_CHECKS`. A format says it of tool calls and refusals; ingestion checks what was to be JSON."""
    error_type: str | None = None
    retry_of: str | None = None
    attempt: int | None = None
    fallback_of: str | None = None
    """The model or model group that this call stood in for, where the log says that it did."""

    conversation_id: str | None = None
    trace_id: str | None = None
    parent_id: str | None = None
    route: str | None = None
    user: str | None = None
    tags: dict[str, str] | None = None
    quality: float | None = None
    task: str | None = None
    """The task that the log itself states, however it spells it; ingestion knows the tasks and makes a guess else."""

    max_output_tokens: int | None = None
    temperature: float | None = None
    wants_json: bool | None = None
    has_tools: bool | None = None
    modalities: str | None = None
    """Everything but text that the request carries, sorted and joined by '+': 'audio+image'; None for text alone."""
    turns: int | None = None
    """User messages of the request, where the log tells their number and not their text."""
    attached: int | None = None
    """A hash of what the request carries besides its text, or goes on from; `NOT_ALL` where that is known in part.
    None: nothing, unless `modalities` names some. Never leaves ingestion: the prompt's hash holds it.
    """
    streamed: bool | None = None
    reported_cost: int | None = None
    """What the log itself claims, in 10^-12 USD."""

    messages: list[Message] | None = None
    """The request's text in order, system prompt first; None where the log holds no text. Never leaves ingestion."""
    prefixes: list[tuple[int, int]] | None = None
    """Where the log tells what a request has in common with others but holds no text: (hash, tokens) of growing
    prefixes of it, in order, the last of which is the whole request. Equal hashes are equal prefixes.
    """
    tool_definitions: int = 0
    """Characters of the tool definitions that the request carries."""
    answer: str | bytes | None = None
    """The answer's text, or the JSON of it (see `Message`); never leaves ingestion."""
    answer_has_tool_calls: bool = False


DEFAULTS: dict[str, Any] = {each.name: each.default for each in msgspec.structs.fields(Call) if each.name != "messages"}
"""Field of `Call` -> what it is where the log does not say; all fields but the messages."""


def columns_of(kind: type[msgspec.Struct], rows: Sequence[msgspec.Struct]) -> dict[str, tuple[Any, ...]]:
    """Return the fields of many structs of a kind side by side: field -> its value in each."""
    names = kind.__struct_fields__
    return dict(zip(names, zip(*map(astuple, rows), strict=True), strict=True)) if rows else dict.fromkeys(names, ())


TOLD = "told"
"""The role, in `ManyCalls`, of what stands for a prefix that the log tells in place of text."""


class ManyCalls(msgspec.Struct):
    """Calls side by side, as a format hands them over that reads many lines at once: what `Call` says, in columns."""

    count: int
    fields: dict[str, Sequence[Any]] = msgspec.field(default_factory=dict)
    """Field of `Call` -> its value in each call; one that is not here has its default in all of them."""
    messages: list[int] = msgspec.field(default_factory=list)
    """How many messages each call's request has."""
    roles: list[str] = msgspec.field(default_factory=list)
    texts: list[Text] = msgspec.field(default_factory=list)
    """Of all messages of all calls, one after the other."""

    def column(self, name: str) -> Sequence[Any]:
        """Return the value of a field in each call."""
        return self.fields.get(name) or [DEFAULTS[name]] * self.count


def stated(fields: Mapping[str, Sequence[Any]], count: int) -> dict[str, Sequence[Any]]:
    """Return the fields of so many calls in which the log says anything; the others have their defaults in all."""
    return {name: column for name, column in fields.items() if not _is_default(column, DEFAULTS[name], count)}


def _is_default(column: Sequence[Any], default: Any, count: int) -> bool:
    return not count or (column[0] == default and column.count(default) == count)


def side_by_side(calls: Sequence[Call]) -> ManyCalls:
    """Return calls as columns."""
    columns = columns_of(Call, calls)
    found = ManyCalls(len(calls), stated({name: columns[name] for name in DEFAULTS}, len(calls)))
    messages = [[(TOLD, b"")] * len(call.prefixes) if call.prefixes else call.messages or [] for call in calls]
    found.messages = list(map(len, messages))
    found.roles = [role for each in messages for role, _ in each]
    found.texts = [text for each in messages for _, text in each]
    return found


def with_others(calls: ManyCalls, others: ManyCalls, places: Sequence[int]) -> ManyCalls:
    """Return calls with others among them: each before the call at its place, the places in order."""
    found = ManyCalls(calls.count + others.count)
    for name in calls.fields.keys() | others.fields.keys():
        found.fields[name] = _among(calls.column(name), others.column(name), places)
    found.messages = _among(calls.messages, others.messages, places)
    starts = list(accumulate(calls.messages, initial=0))
    of_message = [starts[place] for place, count in zip(places, others.messages, strict=True) for _ in range(count)]
    found.roles = _among(calls.roles, others.roles, of_message)
    found.texts = _among(calls.texts, others.texts, of_message)
    return found


def _among(values: Sequence[Any], others: Sequence[Any], places: Sequence[int]) -> list[Any]:
    found: list[Any] = []
    start = 0
    for place, other in zip(places, others, strict=True):
        if start < place:
            found += values[start:place]
            start = place
        found.append(other)
    found += values[start:]
    return found
