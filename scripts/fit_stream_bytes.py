"""Measure how many bytes of a recorded stream hold one event, and how many tokens an event holds.

    python -m scripts.fit_stream_bytes AZURE_PAIRS.jsonl [OTHER_PAIRS.jsonl ...]

The files hold exchanges with streams as text. Azure's diagnostics tell the bytes of a streamed answer and nothing else
of it; `costsim.formats.providers.azure_log` divides them by the median of the first line that this prints. See
docs/decisions/azure-bytes.md.
"""

import json
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from scripts.command_line import file, parser_of

from costsim.formats.shared import event_stream


class Stream(NamedTuple):
    """One recorded stream."""

    size: int
    """Bytes."""
    events: int
    """Events with a piece of the answer."""
    tokens: int | None
    """As its last event states them, as far as it does."""
    plain: int | None
    """Bytes of the answer's text; None where it called tools."""


def main() -> None:
    """Print the medians and quartiles, Azure's streams and all others apart."""
    parser = parser_of(__doc__)
    parser.add_argument("pairs", type=file, nargs="+", metavar="PAIRS.jsonl")
    paths = parser.parse_args().pairs
    found = {
        azure: [s for path in paths for is_azure, s in _streams(path) if is_azure == azure] for azure in (True, False)
    }
    for azure, streams in found.items():
        told = [s for s in streams if s.tokens]
        name = "Azure's streams" if azure else "other streams"
        print(f"{name}: {_spread([s.size / s.events for s in streams if s.events])} bytes an event")
        print(f"  {_spread([s.events / s.tokens for s in told if s.tokens])} events a token")
        print(f"  {_spread([s.size / s.plain for s in streams if s.plain])} bytes of stream for a byte of text")


def _spread(values: list[float]) -> str:
    if len(values) < 2:
        return f"{len(values)} known:"
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{len(values)} known, median {middle:.3g} (quartiles {low:.3g} to {high:.3g}):"


def _streams(path: Path) -> Iterator[tuple[bool, Stream]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for text in (row.get("response_text"), row.get("response")):
            if isinstance(text, str) and event_stream.looks_like_events(text):
                yield "azure" in str(row.get("uri") or row.get("url")), _measured(text)
                break


def _measured(text: str) -> Stream:
    chunks = [chunk for payload in event_stream.payloads(text) if isinstance(chunk := _decoded(payload), dict)]
    usage: dict[str, Any] = next((chunk["usage"] for chunk in reversed(chunks) if chunk.get("usage")), {})
    deltas = [choice.get("delta") or {} for chunk in chunks for choice in chunk.get("choices") or []]
    pieces = [delta for delta in deltas if delta.get("content") or delta.get("tool_calls")]
    said = "".join(delta.get("content") or "" for delta in deltas)
    called = any(delta.get("tool_calls") for delta in deltas)
    return Stream(
        len(text.encode()), len(pieces), usage.get("completion_tokens"), None if called else len(said.encode()) or None
    )


def _decoded(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return None  # a recording cut off in the middle of an event


if __name__ == "__main__":
    main()
