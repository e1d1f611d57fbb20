"""Production traces without text: a request a line, with its lengths and the hashes of its blocks.

Shapes: Mooncake (`hash_ids` of 512 tokens, milliseconds), Qwen Bailian (of 16 tokens, seconds, `chat_id`), AIBrix
(several requests a line), LMCache (`input` and `output` are lengths), BurstGPT (CSV). Times count from a start that the
trace does not tell.
"""

from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared.envelope import Number, Scalar, word
from costsim.formats.shared.numbers import real, whole
from costsim.formats.shared.times import relative
from costsim.formats.workloads.blocks import blocks, plain
from costsim.schema import Call

NAME = "request-trace"
ABOUT = "traces of requests without text: `input_length`, `output_length` and `hash_ids` of their blocks (Mooncake ...)"

_ROOT = "-1"
_OF_BURSTS = frozenset({"Request tokens", "Response tokens", "Log Type"})
_OF_SESSIONS = frozenset({"timestamp", "input", "output", "session_id"})
_BURST_MODELS = {"ChatGPT": "gpt-3.5-turbo", "GPT-4": "gpt-4"}


class _Sized(msgspec.Struct, gc=False):
    prompt_length: int | None = msgspec.field(default=None, name="Prompt Length")
    output_length: int | None = msgspec.field(default=None, name="Output Length")
    prompt: str | None = None


class _Line(msgspec.Struct, gc=False):
    timestamp: float | None = None
    input_length: int | None = None
    output_length: int | None = None
    hash_ids: list[int] | None = None
    chat_id: Scalar = None
    parent_chat_id: Scalar = None
    type: str | None = None
    model: str | None = None
    session_id: Scalar = None
    requests: list[_Sized] | None = None
    input: int | None = None
    output: int | None = None
    moment: Number = msgspec.field(default=None, name="Timestamp")
    session: Scalar = msgspec.field(default=None, name="Session ID")
    lasted: Number = msgspec.field(default=None, name="Elapsed time")
    burst_model: str | None = msgspec.field(default=None, name="Model")
    asked: Number = msgspec.field(default=None, name="Request tokens")
    answered: Number = msgspec.field(default=None, name="Response tokens")
    kind: str | None = msgspec.field(default=None, name="Log Type")


_line = TolerantDecoder(_Line).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a request with lengths and block hashes, or a moment with several sized requests."""
    if isinstance(record.get("hash_ids"), list) and "input_length" in record:
        return True
    if record.keys() >= _OF_BURSTS:
        return True
    if record.keys() == _OF_SESSIONS:
        return type(record["input"]) is int and type(record["output"]) is int
    requests = record.get("requests")
    return "timestamp" in record and isinstance(requests, list) and _is_sized(requests[:1])


def _is_sized(requests: list[Any]) -> bool:
    return all(isinstance(each, dict) and "Prompt Length" in each for each in requests)


def read(record: bytes) -> list[Call]:
    """Return the request, or requests, of one line."""
    line = _line(record)
    if line.requests is not None:
        when = relative(line.timestamp, 1_000)
        return [call for each in line.requests if (call := _sized(each, when)) is not None]
    if line.kind is not None:
        return [_of_burst(line)]
    if line.input is not None:
        return [Call(conversation_id=word(line.session_id), started_at=relative(line.timestamp, 1_000_000),
                     input_tokens=line.input, output_tokens=line.output, tokens_basis="logged")]  # fmt: skip
    if line.input_length is None or line.hash_ids is None:
        return []
    parent = word(line.parent_chat_id)
    return [
        Call(
            call_id=word(line.chat_id),
            parent_id=parent if parent != _ROOT else None,
            conversation_id=word(line.session_id),
            started_at=relative(line.timestamp, 1_000 if line.chat_id is None else 1_000_000),
            model=line.model,
            route=line.type,
            input_tokens=line.input_length,
            output_tokens=line.output_length,
            tokens_basis="logged",
            prefixes=plain(blocks(line.hash_ids), line.input_length),
        )
    ]


def _of_burst(line: _Line) -> Call:
    """A row of BurstGPT, seconds from its first midnight; a request without an answer failed."""
    answered, seconds = whole(line.answered), real(line.lasted)
    call = Call(
        conversation_id=word(line.session),
        started_at=relative(real(line.moment), 1_000_000),
        duration_ms=None if seconds is None else seconds * 1000,
        model=_BURST_MODELS.get(line.burst_model or "", line.burst_model),
        requested_model=line.burst_model,
        route=line.kind,
        input_tokens=whole(line.asked),
        output_tokens=answered,
        tokens_basis="logged",
    )
    if not answered:
        call.status, call.error_type, call.billed = "error", "no answer", False
    return call


def _sized(request: _Sized, when: int | None) -> Call | None:
    if request.prompt_length is None and request.prompt is None:
        return None
    return Call(
        started_at=when,
        input_tokens=request.prompt_length,
        output_tokens=request.output_length,
        tokens_basis="logged" if request.prompt_length is not None else None,
        messages=[("user", request.prompt)] if request.prompt else None,
    )
