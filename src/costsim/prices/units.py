"""What providers bill for, and the service tiers they bill it in: names, codes, and which rate stands in
for an absent one.

A rate is an integer of 10^-12 USD per token or per thing. The YAML says it as people do: per million
tokens, per thousand searches, per image. `PER` is that divisor.
"""

TRILLION = 10**12

TOKEN_UNITS: tuple[str, ...] = (
    "input",
    "cache_read",
    "cache_write",
    "cache_write_30m",
    "cache_write_1h",
    "cache_write_12h",
    "output",
    "reasoning",
    "audio_input",
    "audio_cache_read",
    "audio_cache_write",
    "audio_output",
    "image_input",
    "image_cache_read",
    "image_output",
    "video_input",
    "video_output",
    "citation",
)
"""Units counted in tokens; `cache_write` is the provider's shortest lifetime (mostly 5 minutes)."""

PER: dict[str, int] = dict.fromkeys(TOKEN_UNITS, 10**6) | {
    "character_input": 10**6,
    "character_output": 10**6,
    "pixel_input": 10**6,
    "pixel_output": 10**6,
    "request": 10**3,
    "message": 10**3,
    "web_search": 10**3,
    "file_search": 10**3,
    "map_search": 10**3,
    "code_session": 1,
    "code_session_large": 1,
    "guardrail_content": 10**3,
    "guardrail_topic": 10**3,
    "guardrail_sensitive": 10**3,
    "guardrail_grounding": 10**3,
    "guardrail_reasoning": 10**3,
    "guardrail_image": 1,
    "image_request": 1,
    "image": 1,
    "second_input": 1,
    "second_output": 1,
    "video_second_input": 1,
    "video_second_output": 1,
    "page": 1,
    "annotated_page": 1,
    "credit": 1,
    "reserved_second": 1,
}
"""Unit -> how many of it the YAML's price buys."""

FEES = tuple(unit for unit in PER if unit.startswith(("code_session", "guardrail_")))
"""Units that a provider bills beside what its models do."""

UNITS: tuple[str, ...] = tuple(PER)
"""Every billable unit, in the order of the columns of `PriceTable.rates`."""

UNIT_CODE: dict[str, int] = {unit: code for code, unit in enumerate(UNITS)}

STANDS_IN: tuple[tuple[str, str], ...] = (
    ("cache_read", "input"),
    ("cache_write", "input"),
    ("cache_write_30m", "cache_write"),
    ("cache_write_1h", "cache_write_30m"),
    ("cache_write_12h", "cache_write_1h"),
    ("reasoning", "output"),
    ("citation", "input"),
    ("audio_input", "input"),
    ("audio_cache_read", "cache_read"),
    ("audio_cache_write", "audio_input"),
    ("audio_output", "output"),
    ("image_input", "input"),
    ("image_cache_read", "cache_read"),
    ("image_output", "output"),
    ("video_input", "input"),
    ("video_output", "output"),
)
"""(unit, the unit whose rate it takes where it has none of its own), in the order of filling in; rule 20."""

TIERS: tuple[str, ...] = (
    "standard",
    "batch",
    "flex",
    "priority",
    "fast",
    "ultrafast",
    "balanced",
    "decisions",
)
"""Service tiers that some provider has a price for; a tier's code is its place here."""

UNKNOWN_TIER = len(TIERS)
"""The code of any other tier: it prices nothing."""

_TIER_SPELLINGS: dict[str, str] = {
    "": "standard",
    "default": "standard",
    "on_demand": "standard",
    "ondemand": "standard",
    "standard_only": "standard",
    "regular": "standard",
    "batches": "batch",
    "batch_api": "batch",
}


def tier_code(name: str | None) -> int:
    """Return the code of the tier that a log says was served; null is standard, `auto` and the unheard-of
    price nothing.

    `auto` is what a request asks for, never what was served.
    """
    word = (name or "").strip().lower().replace("-", "_")
    word = _TIER_SPELLINGS.get(word, word)
    return TIERS.index(word) if word in TIERS else UNKNOWN_TIER
