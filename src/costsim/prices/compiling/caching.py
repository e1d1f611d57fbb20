"""How a model's prompts are cached, from what the model says and from its provider's rules."""

from costsim.prices.compiling.rules import matching
from costsim.prices.sheets.sheet import CacheFacts, ModelSheet, ProviderSheet

_NOTHING = CacheFacts()


def cache_of(sheet: ProviderSheet, model: ModelSheet) -> CacheFacts:
    """Return how a model's prompts are cached; nothing is known of a model that sells no cached input.

    Each fact is the model's own, else that of the first rule that matches the model and states it.
    """
    if model.cache is None and "cache_read" not in model.prices[-1].rates:
        return _NOTHING
    said = [model.cache or _NOTHING, *matching(sheet.caching, model.model)]
    return CacheFacts(
        automatic=next((facts.automatic for facts in said if facts.automatic is not None), None),
        min_tokens=next((facts.min_tokens for facts in said if facts.min_tokens is not None), None),
        step=next((facts.step for facts in said if facts.step is not None), None),
        lifetime=next((facts.lifetime for facts in said if facts.lifetime is not None), None),
        refreshed=next((facts.refreshed for facts in said if facts.refreshed is not None), None),
    )
