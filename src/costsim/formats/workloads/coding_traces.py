"""Traces of coding agents without text: a session a file, each request with its lengths and 64-token block hashes.

Shape: kv-cache-tester. Hash ids hold within the trace; requests of sub-agents stand inside an entry of their own, their
times from its beginning. Times count from a start that the trace does not tell.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared.envelope import Scalar, word
from costsim.formats.shared.times import relative
from costsim.formats.workloads.blocks import blocks, told_apart
from costsim.schema import Call

NAME = "coding-trace"
ABOUT = "traces of coding agents without text: `block_size`, and `requests` with `in`, `out` and `hash_ids`"

_BLOCK = 64
_STREAMED = "s"


class _Request(msgspec.Struct, gc=False):
    t: float | None = None
    type: str | None = None
    model: str | None = None
    tokens_in: int | None = msgspec.field(default=None, name="in")
    tokens_out: int | None = msgspec.field(default=None, name="out")
    hash_ids: list[int] | None = None
    stop: str | None = None
    api_time: float | None = None
    ttft: float | None = None
    agent_id: Scalar = None
    subagent_type: str | None = None
    requests: list["_Request"] | None = None


class _Trace(msgspec.Struct, gc=False):
    id: Scalar = None
    block_size: int | None = None
    requests: list[_Request] | None = None


_trace = TolerantDecoder(_Trace).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a whole trace: requests with block hashes, and the size of a block."""
    requests = record.get("requests")
    if "block_size" not in record or not isinstance(requests, list):
        return False
    return all(isinstance(each, dict) and ("hash_ids" in each or "requests" in each) for each in requests[:1])


def read(record: bytes) -> list[Call]:
    """Return the requests of one trace, those of sub-agents too."""
    trace = _trace(record)
    name = word(trace.id) or ""
    found = list(_requests(trace.requests or [], name, "", 0.0))
    requests = [blocks(request.hash_ids or []) for _, request in found]
    tokens = [request.tokens_in or 0 for _, request in found]
    prefixes = told_apart(requests, tokens, trace.block_size or _BLOCK, name)
    for (call, _), own in zip(found, prefixes, strict=True):
        call.prefixes = own if call.input_tokens else None
    return [call for call, _ in found]


def _requests(
    requests: list[_Request], trace: str, agent: str, start: float, kind: str | None = None
) -> Iterator[tuple[Call, _Request]]:
    for number, request in enumerate(requests):
        at = start + (request.t or 0.0)
        if request.requests is not None:
            inner = f"{agent}/{word(request.agent_id) or number}"
            yield from _requests(request.requests, trace, inner, at, request.subagent_type or "subagent")
        elif request.tokens_in is not None:
            yield _call(request, f"{trace}{agent}", number, at, trace, kind), request


def _call(request: _Request, conversation: str, number: int, at: float, trace: str, kind: str | None) -> Call:
    return Call(
        call_id=f"{conversation}/{number}" if conversation else None,
        conversation_id=conversation or None,
        trace_id=trace or None,
        started_at=relative(at, 1_000_000),
        duration_ms=None if request.api_time is None else request.api_time * 1000,
        time_to_first_token_ms=None if request.ttft is None else request.ttft * 1000,
        model=request.model,
        route=kind or "main",
        input_tokens=request.tokens_in,
        output_tokens=request.tokens_out,
        tokens_basis="logged",
        finish_reason=request.stop,
        streamed=request.type == _STREAMED,
    )
