"""What a model can do does not depend on who sells it: gaps of resellers filled from the maker's own file."""

from collections.abc import Mapping

import msgspec
from scripts.price_lists.providers import PROVIDERS

from costsim.prices.sheets.sheet import ModelSheet
from costsim.prices.spelling import loose

RESELLERS = ("openrouter", "vercel_ai_gateway")
"""Providers that pass on every capability of a model, and whose list does not say them."""
_FACTS = ("context_window", "max_output_tokens", "cache", "can")


def with_makers_facts(sheets: Mapping[str, list[ModelSheet]]) -> dict[str, list[ModelSheet]]:
    """Return all providers' models, the resellers' with sizes and capabilities of the makers' models."""
    known: dict[str, ModelSheet] = {}
    for provider in PROVIDERS:
        for model in sheets.get(provider, ()) if PROVIDERS[provider].makes else ():
            for name in (model.model, *model.names):
                known.setdefault(loose(name), model)
    return {
        provider: [_filled(model, known) for model in models] if provider in RESELLERS else list(models)
        for provider, models in sheets.items()
    }


def _filled(model: ModelSheet, known: Mapping[str, ModelSheet]) -> ModelSheet:
    maker = known.get(loose(model.model.rpartition("/")[2].partition(":")[0]))
    if maker is None:
        return model
    facts = {
        key: getattr(model, key) or getattr(maker, key)
        for key in ("context_window", "max_output_tokens", "cache", "can")
    }
    return msgspec.structs.replace(model, **facts)
