"""models.dev's api.json (USD per million tokens, one long-context step), as sheets."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from costsim.prices.facts import Capability
from costsim.prices.foreign.exact import tidy
from costsim.prices.sheets.sheet import Level, ModelSheet, Price, Rates

Entry = Mapping[str, Any]

_UNITS = {
    "input": "input",
    "output": "output",
    "cache_read": "cache_read",
    "cache_write": "cache_write",
    "reasoning": "reasoning",
    "input_audio": "audio_input",
    "output_audio": "audio_output",
}
_LONG = "context_over_"


def read(content: bytes) -> Iterator[tuple[str, ModelSheet]]:
    """Yield (their provider, sheet) for every model that has a price."""
    for provider, entry in json.loads(content, parse_float=Decimal).items():
        for name, model in entry.get("models", {}).items():
            if rates := _rates(model.get("cost") or {}):
                yield provider, _sheet(name, model, rates)


def _sheet(name: str, model: Entry, rates: Rates) -> ModelSheet:
    limit = model.get("limit") or {}
    return ModelSheet(
        model=name,
        context_window=limit.get("context") or None,
        max_output_tokens=limit.get("output") or None,
        can=_can(model),
        prices=[Price(rates=rates, above=list(_above(model["cost"])), source="https://models.dev")],
    )


def _rates(cost: Entry) -> Rates:
    return {ours: tidy(Decimal(cost[theirs])) for theirs, ours in _UNITS.items() if cost.get(theirs) is not None}


def _above(cost: Entry) -> Iterator[Level]:
    """`context_over_200k` holds the rates of prompts above 200,000 tokens."""
    for key, rates in cost.items():
        if key.startswith(_LONG) and key.endswith("k"):
            yield Level(tokens=int(key.removeprefix(_LONG)[:-1]) * 1000, rates=_rates(rates))


def _can(model: Entry) -> list[Capability]:
    read_as = (model.get("modalities") or {}).get("input", ())
    able: dict[Capability, bool] = {
        "tools": bool(model.get("tool_call")),
        "json": bool(model.get("structured_output")),
        "vision": "image" in read_as,
        "audio": "audio" in read_as,
        "reasoning": bool(model.get("reasoning")),
    }
    return [name for name, can in able.items() if can]
