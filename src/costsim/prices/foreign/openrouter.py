"""OpenRouter's list of models (GET /api/v1/models, USD per token as text), as sheets."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from costsim.prices.facts import Capability
from costsim.prices.foreign.exact import money
from costsim.prices.sheets.sheet import ModelSheet, Price, Rates

Entry = Mapping[str, Any]

_UNITS = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "internal_reasoning": "reasoning",
    "audio": "audio_input",
    "request": "request",
    "web_search": "web_search",
}
_OPTIONAL = ("internal_reasoning", "request", "web_search")
"""Where zero means 'not billed apart', not 'free'."""


def read(content: bytes) -> Iterator[tuple[str, ModelSheet]]:
    """Yield ('openrouter', sheet) for every model with a fixed price; a router's price of -1 is none."""
    for model in json.loads(content)["data"]:
        if rates := _rates(model.get("pricing") or {}):
            yield "openrouter", _sheet(model, rates)


def _sheet(model: Entry, rates: Rates) -> ModelSheet:
    slug = model.get("canonical_slug")
    return ModelSheet(
        model=model["id"],
        names=[slug] if slug and slug != model["id"] else [],
        context_window=model.get("context_length") or None,
        max_output_tokens=(model.get("top_provider") or {}).get("max_completion_tokens") or None,
        can=_can(model),
        prices=[Price(rates=rates)],
    )


def _rates(pricing: Entry) -> Rates:
    found = {key: Decimal(pricing[key]) for key in _UNITS if pricing.get(key) is not None}
    if any(usd < 0 for usd in found.values()):
        return {}
    return {_UNITS[key]: money(_UNITS[key], usd) for key, usd in found.items() if usd or key not in _OPTIONAL}


def _can(model: Entry) -> list[Capability]:
    takes = model.get("supported_parameters") or ()
    read_as = (model.get("architecture") or {}).get("input_modalities") or ()
    able: dict[Capability, bool] = {
        "tools": "tools" in takes,
        "json": "structured_outputs" in takes or "response_format" in takes,
        "vision": "image" in read_as,
        "audio": "audio" in read_as,
        "reasoning": "reasoning" in takes,
    }
    return [name for name, can in able.items() if can]
