"""What Claude Code says of a run whose rows it prints: the events of its answers, and what it came to in the end.

The rows of a run state the output tokens with which an answer began; its end states the sums by model, of everything
that was asked. What the rows have not said of these is one more call of each model. Shapes: Claude Agent SDK.
"""

from collections import Counter
from collections.abc import Iterator

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.anthropic.rows import Event, Response
from costsim.formats.anthropic.stream import overlaid
from costsim.schema import Call

_COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "web_searches")
_MOST_OPEN = 256
"""Calls of which another row may follow."""

Sums = Counter[str]
"""Fields of a call -> what they come to."""

_event = TolerantDecoder(Event).decode


class ModelUsage(msgspec.Struct, rename="camel", gc=False):
    """What a run came to on one model."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    web_search_requests: int | None = None
    cost: float | None = msgspec.field(default=None, name="costUSD")


class Answers:
    """The answers whose events a run prints, by the tool in which they are given; one at a time in each."""

    def __init__(self) -> None:
        self._begun: dict[str | None, Response] = {}

    def take(self, tool: str | None, event: bytes) -> Response | None:
        """Return the answer as far as it is counted, where this event counts it; None where it does not."""
        told = _event(event)
        if told.message is not None:
            self._begun[tool] = told.message
            return told.message
        answer = self._begun.get(tool)
        if answer is None or told.usage is None:
            return None
        answer.usage = overlaid(answer.usage, told.usage)
        answer.stop_reason = told.delta.stop_reason if told.delta is not None else None
        return answer


class Said:
    """What the rows of runs have said of their tokens, by session and model."""

    def __init__(self) -> None:
        self._by_model: dict[tuple[str, str], Sums] = {}
        self._by_call: dict[str | None, Sums] = {}
        self._sessions: set[str] = set()

    def __contains__(self, session: str) -> bool:
        return session in self._sessions

    def take(self, session: str, call: Call) -> None:
        """Take in what a row says; of the rows of a call the one with the most output holds."""
        self._sessions.add(session)
        known = self._by_call.pop(call.call_id, Sums())
        told = Sums({name: getattr(call, name) or 0 for name in _COUNTS})
        best = told if told["output_tokens"] >= known["output_tokens"] else known
        self._by_call[call.call_id] = best
        if len(self._by_call) > _MOST_OPEN:
            del self._by_call[next(iter(self._by_call))]
        sums = self._by_model.setdefault((session, _plain(call.model)), Sums())
        sums.update(best)
        sums.subtract(known)

    def rest(self, session: str, by_model: dict[str, ModelUsage]) -> Iterator[tuple[str, ModelUsage]]:
        """Yield each model with what a run took of it beyond what its rows have said; all of it is said now.

        A session that goes on in another process sums up anew: where it comes to less, nothing is known to be missing.
        """
        for model, used in by_model.items():
            whole, said = _of_run(used), self._by_model.get((session, _plain(model)), Sums())
            rest = Sums(whole)
            rest.subtract(said)
            if min(rest["input_tokens"], rest["output_tokens"]) >= 0 and rest["input_tokens"] + rest["output_tokens"]:
                self._by_model[session, _plain(model)] = whole
                yield _plain(model), _as_usage(+rest)


def _plain(model: str | None) -> str:
    """A model without the size of its context, `[1m]`."""
    return (model or "").partition("[")[0]


def _of_run(used: ModelUsage) -> Sums:
    read, written = used.cache_read_input_tokens or 0, used.cache_creation_input_tokens or 0
    counts = ((used.input_tokens or 0) + read + written, used.output_tokens or 0, read, written)
    return Sums(dict(zip(_COUNTS, (*counts, used.web_search_requests or 0), strict=True)))


def _as_usage(sums: Sums) -> ModelUsage:
    read, written = sums["cache_read_tokens"], sums["cache_write_tokens"]
    fresh = max(0, sums["input_tokens"] - read - written)
    return ModelUsage(fresh, sums["output_tokens"], read, written, sums["web_searches"])
