"""LiteLLM's model_prices_and_context_window.json, as sheets."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from costsim.prices.facts import Capability
from costsim.prices.foreign.exact import money
from costsim.prices.sheets.sheet import CacheFacts, Free, Level, ModelSheet, Price, Rates, TierPrice, Window

Entry = Mapping[str, Any]

UNIT_OF: dict[str, str] = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "input_cost_per_token_cache_hit": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "cache_creation_input_token_cost_above_12hr": "cache_write_12h",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "audio_input",
    "output_cost_per_audio_token": "audio_output",
    "cache_read_input_audio_token_cost": "audio_cache_read",
    "cache_creation_input_audio_token_cost": "audio_cache_write",
    "input_cost_per_image_token": "image_input",
    "output_cost_per_image_token": "image_output",
    "cache_read_input_image_token_cost": "image_cache_read",
    "input_cost_per_video_token": "video_input",
    "output_cost_per_video_token": "video_output",
    "citation_cost_per_token": "citation",
    "input_cost_per_character": "character_input",
    "output_cost_per_character": "character_output",
    "input_cost_per_pixel": "pixel_input",
    "output_cost_per_pixel": "pixel_output",
    "input_cost_per_second": "second_input",
    "input_cost_per_audio_per_second": "second_input",
    "output_cost_per_second": "second_output",
    "input_cost_per_video_per_second": "video_second_input",
    "output_cost_per_video_per_second": "video_second_output",
    "cost_per_second": "reserved_second",
    "input_cost_per_image": "image_request",
    "output_cost_per_image": "image",
    "input_cost_per_query": "request",
    "input_cost_per_request": "request",
    "input_cost_per_text_message": "message",
    "ocr_cost_per_page": "page",
    "annotation_cost_per_page": "annotated_page",
    "ocr_cost_per_credit": "credit",
    "code_interpreter_cost_per_session": "code_session",
    "google_maps_grounding_cost_per_query": "map_search",
}
"""Their price keys, without threshold and tier -> our units."""

_KEY = re.compile(
    r"^(?P<base>.+?)(?:_above_(?P<thousands>\d+)k_tokens)?"
    r"(?:_(?P<tier>batches|flex|priority|ultrafast|balanced|decisions))?$"
)
_CAN: dict[str, Capability] = {
    "supports_function_calling": "tools",
    "supports_response_schema": "json",
    "supports_vision": "vision",
    "supports_audio_input": "audio",
    "supports_reasoning": "reasoning",
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read(content: bytes) -> Iterator[tuple[str, str, ModelSheet]]:
    """Yield (their provider, their key, sheet) for every entry; an entry without any price has no prices."""
    for key, entry in json.loads(content, parse_float=Decimal).items():
        if key != "sample_spec":
            yield str(entry.get("litellm_provider", "")), key, sheet(key, entry)


def sheet(key: str, entry: Entry) -> ModelSheet:
    """Return one entry as a sheet named by its key."""
    minimum, free = entry.get("prompt_cache_min_tokens"), entry.get("search_free_requests")
    price = _price(entry)
    return ModelSheet(
        model=key,
        mode=str(entry.get("mode") or "chat"),
        context_window=_tokens(entry.get("max_input_tokens") or entry.get("max_tokens")),
        max_output_tokens=_tokens(entry.get("max_output_tokens")),
        cache=CacheFacts(min_tokens=int(minimum)) if minimum else None,
        can=[ours for theirs, ours in _CAN.items() if entry.get(theirs) is True],
        free=_free(free) if free else None,
        retires=_day(entry.get("deprecation_date")),
        prices=[price] if price.rates or price.windows else [],
    )


def _free(searches: Entry) -> Free:
    units, group = {"web_search": searches["count"]}, searches.get("shared_group", "")
    return Free(units=units, per="month" if searches.get("period") == "month" else "day", group=group)


def _price(entry: Entry) -> Price:
    levels: dict[tuple[str, int], Rates] = {}
    for key, usd in entry.items():
        if (place := _place(key)) and isinstance(usd, Decimal | int) and not isinstance(usd, bool):
            tier, tokens, unit = place
            levels.setdefault((tier, tokens), {}).setdefault(unit, money(unit, usd))
    _add_steps(levels, entry.get("tiered_pricing"))
    rates = levels.pop(("", 0), {}) | _searches(entry)
    if "second_input" in rates and entry.get("mode") == "audio_transcription":
        # a recording's seconds are billed once, whichever side of the list says so
        rates["second_input"] = max(rates["second_input"], rates.pop("second_output", Decimal(0)))
    tiers = sorted({tier for tier, _ in levels if tier})
    special = {tier: TierPrice(rates=levels.get((tier, 0), {}), above=_above(levels, tier)) for tier in tiers}
    own = entry.get("provider_specific_entry") or {}
    return Price(
        rates=rates,
        above=_above(levels, ""),
        tiers=special | _fast(rates, own.get("fast")),
        windows=_windows(entry.get("off_peak_pricing")),
        regions=_regions(entry, own),
        source=_address(entry.get("source")),
    )


def _place(key: str) -> tuple[str, int, str] | None:
    """(tier, threshold, unit) of a price key."""
    if not (found := _KEY.match(key)) or (unit := UNIT_OF.get(found["base"])) is None:
        return None
    tier = {"batches": "batch"}.get(found["tier"] or "", found["tier"] or "")
    return tier, int(found["thousands"] or 0) * 1000, unit


def _add_steps(levels: dict[tuple[str, int], Rates], steps: Any) -> None:
    """`tiered_pricing`: ranges of prompt size, each with its rates."""
    for step in steps or ():
        if "range" in step:
            rates = levels.setdefault(("", int(step["range"][0])), {})
            for key, usd in step.items():
                if key in UNIT_OF:
                    rates[UNIT_OF[key]] = money(UNIT_OF[key], usd)


def _above(levels: Mapping[tuple[str, int], Rates], tier: str) -> list[Level]:
    found = sorted((tokens, rates) for (name, tokens), rates in levels.items() if name == tier and tokens)
    return [Level(tokens=tokens, rates=rates) for tokens, rates in found]


def _searches(entry: Entry) -> Rates:
    """A web search costs what one of medium context size does, where the sizes differ."""
    sizes = entry.get("search_context_cost_per_query") or {}
    usd = sizes.get("search_context_size_medium")
    return {} if usd is None else {"web_search": money("web_search", usd)}


def _fast(rates: Rates, times: Any) -> dict[str, TierPrice]:
    if not isinstance(times, Decimal | int):
        return {}
    faster = {unit: (usd * Decimal(times)).normalize() for unit, usd in rates.items() if unit != "web_search"}
    return {"fast": TierPrice(rates=faster)}


def _regions(entry: Entry, own: Entry) -> dict[str, Decimal]:
    factors = {
        "us": own.get("us") or entry.get("regional_processing_uplift_multiplier_us"),
        "eu": own.get("eu") or entry.get("regional_processing_uplift_multiplier_eu"),
        "other": entry.get("regional_endpoint_uplift_multiplier"),
    }
    return {region: Decimal(factor) for region, factor in factors.items() if factor}


def _windows(off_peak: Any) -> list[Window]:
    if not off_peak:
        return []
    rates = {UNIT_OF[key]: money(UNIT_OF[key], usd) for key, usd in off_peak.items() if key in UNIT_OF}
    return [_window(one, rates) for one in off_peak.get("windows", ())]


def _window(one: Entry, rates: Rates) -> Window:
    hours = one["hours_utc"] if isinstance(one["hours_utc"], list) else [one["hours_utc"]]
    days = [_DAYS[day - 1] for day in one.get("weekdays", ())]
    return Window(
        hours=tuple(span.replace("-00:00", "-24:00") for span in hours),
        weekdays=days,  # type: ignore[arg-type]
        zone=one.get("timezone") or "UTC",
        rates=rates,
    )


def _tokens(count: Any) -> int | None:
    return int(count) if isinstance(count, Decimal | int) and count > 0 else None


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _address(source: Any) -> str:
    return source if isinstance(source, str) and source.startswith("http") else ""
