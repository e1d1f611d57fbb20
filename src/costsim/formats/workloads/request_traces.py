"""Production traces without text: a request a line, with its lengths and the hashes of its blocks.

Shapes: Mooncake (`hash_ids` of 512 tokens, milliseconds), Qwen Bailian (of 16 tokens, seconds, `chat_id`), AIBrix
(several requests a line). Times count from a start that the trace does not tell.
"""

from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared.envelope import Scalar, word
from costsim.formats.shared.times import relative
from costsim.formats.workloads.blocks import blocks, plain
from costsim.schema import Call

NAME = "request-trace"
ABOUT = "traces of requests without text: `input_length`, `output_length` and `hash_ids` of their blocks (Mooncake ...)"

_ROOT = "-1"


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


_line = TolerantDecoder(_Line).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a request with lengths and block hashes, or a moment with several sized requests."""
    if isinstance(record.get("hash_ids"), list) and "input_length" in record:
        return True
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
