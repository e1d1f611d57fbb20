"""Pricing rules 3 to 7, 10 to 12 and 20 once more: one call at a time, in decimals, from the YAML's words.

Written from the rules, and shares no code with costsim: it reads the plain dictionaries that YAML gives.
"""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

PER_THOUSAND = {"web_search", "request"}
SUBSTITUTE = {
    "cache_read": "input",
    "cache_write": "input",
    "cache_write_1h": "cache_write",
    "reasoning": "output",
    "audio_input": "input",
    "audio_output": "output",
    "audio_cache_read": "cache_read",
    "image_input": "input",
    "image_cache_read": "cache_read",
}
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def cost(model: dict[str, Any], call: dict[str, Any]) -> Decimal | None:
    """Return what a call costs in USD, or None; `call` has at (datetime), tier, and counts (None = null).

    A null count of input or output matters only where it is not free.
    """
    price = price_at(model, call["tier"], call["at"])
    if price is None or any(call[side] is None and rate_of(price, side, call) for side in ("input", "output")):
        return None
    quantities = split(call | {side: call[side] or 0 for side in ("input", "output")})
    if quantities is None:
        return None
    total = Decimal(0)
    for unit, count in quantities.items():
        rate = rate_of(price, unit, call)
        if count and rate is None:
            return None
        total += count * (rate or Decimal(0)) / (1000 if unit in PER_THOUSAND else 1_000_000)
    return total


def price_at(model: dict[str, Any], tier: str, at: datetime) -> dict[str, Any] | None:
    """The price valid at a moment, or the first after it (rule 12); an absent tier has none (rule 6)."""
    sold = [price for price in model["prices"] if tier == "standard" or tier in price.get("tiers", {})]
    valid = [price for price in sold if "from" not in price or begins(price) <= at]
    return valid[-1] if valid else sold[0] if sold else None


def begins(price: dict[str, Any]) -> datetime:
    hours, minutes = map(int, price.get("hour", "00:00").split(":"))
    day = datetime.fromisoformat(str(price["from"])).replace(tzinfo=UTC)
    return day + timedelta(hours=hours, minutes=minutes)


def split(call: dict[str, Any]) -> dict[str, int] | None:
    """Each token in exactly one unit; None where the counts cannot be true."""
    count = {name: call.get(name) or 0 for name in ("read", "write", "write_1h", "reasoning", "audio", "image")}
    fresh = call["input"] - count["read"] - count["write"]
    spoken = call.get("audio_out") or 0
    talk = call["output"] - count["reasoning"] - spoken
    if fresh < 0 or talk < 0 or count["write_1h"] > count["write"]:
        return None
    heard, seen = min(count["audio"], fresh), 0
    seen = min(count["image"], fresh - heard)
    cached_audio, cached_image = count["audio"] - heard, count["image"] - seen
    if cached_audio + cached_image > count["read"]:
        return None
    return {
        "input": fresh - heard - seen,
        "cache_read": count["read"] - cached_audio - cached_image,
        "cache_write": count["write"] - count["write_1h"],
        "cache_write_1h": count["write_1h"],
        "audio_input": heard,
        "audio_cache_read": cached_audio,
        "image_input": seen,
        "image_cache_read": cached_image,
        "output": talk,
        "reasoning": count["reasoning"],
        "audio_output": spoken,
        "web_search": call.get("searches") or 0,
    }


def rate_of(price: dict[str, Any], unit: str, call: dict[str, Any]) -> Decimal | None:
    """A unit's own rate at the highest threshold passed, else that of its substitute (rules 4, 20)."""
    best: tuple[int, int, Decimal] | None = None
    for rank, source in sources(price, call):
        for threshold, rates in [(0, source.get("rates", {})), *levels(source, call["input"] or 0)]:
            if unit in rates and (best is None or (threshold, rank) >= best[:2]):
                best = (threshold, rank, Decimal(str(rates[unit])))
    if best is not None:
        return best[2]
    return rate_of(price, SUBSTITUTE[unit], call) if unit in SUBSTITUTE else None


def sources(price: dict[str, Any], call: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """Standard first; what the served tier or the hour says wins at an equal threshold (rules 6, 11)."""
    if call["tier"] != "standard":
        return [(0, price), (1, price["tiers"][call["tier"]])]
    return [(0, price), *((1, window) for window in price.get("windows", []) if holds(window, call["at"]))]


def levels(source: dict[str, Any], prompt: int) -> list[tuple[int, dict[str, Any]]]:
    """The thresholds that a prompt has passed; `at_least` compares with >=, the rest with >."""
    passed = []
    for level in source.get("above", []):
        least = level["tokens"] + (0 if level.get("at_least") else 1)
        if prompt >= least:
            passed.append((least, level["rates"]))
    return passed


def holds(window: dict[str, Any], at: datetime) -> bool:
    """Whether a moment lies in a window: the hour in UTC, the weekday in the window's zone."""
    offset = {"UTC": 0, "Asia/Shanghai": 8}[window.get("zone", "UTC")]
    day = DAYS[at.astimezone(timezone(timedelta(hours=offset))).weekday()]
    if window.get("weekdays") and day not in window["weekdays"]:
        return False
    now = at.hour * 60 + at.minute
    for span in window["hours"]:
        start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in span.split("-"))
        if (start <= now < end) if start < end else (now >= start or now < end):
            return True
    return False
