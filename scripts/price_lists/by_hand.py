"""What neither list has: history, minimums, names and aliases, each from the provider's own announcement."""

from datetime import date
from decimal import Decimal

import msgspec

from costsim.prices.sheets.sheet import Alias, Meaning, ModelSheet, Price, ProviderSheet, Rates, Window

_DEEPSEEK = "https://api-docs.deepseek.com/quick_start/pricing"


def _rates(given: str, read: str, out: str) -> Rates:
    return {"input": Decimal(given), "cache_read": Decimal(read), "output": Decimal(out)}


def _deepseek(day: Rates) -> list[Price]:
    """The prices of the two names that DeepSeek sold until July 2026; its days begin at 16:00 UTC."""
    night = Window(hours=("16:30-00:30",), rates=_rates("0.135", "0.035", "0.55"))
    source = "https://api-docs.deepseek.com/news/"
    return [
        Price(from_=date(2025, 2, 8), hour="16:00", rates=day, source=_DEEPSEEK),
        Price(from_=date(2025, 2, 26), rates=day, windows=[night], source=f"{source}news250226"),
        Price(
            from_=date(2025, 9, 5),
            hour="16:00",
            rates=_rates("0.56", "0.07", "1.68"),
            source=f"{source}news250821",
        ),
        Price(from_=date(2025, 9, 29), rates=_rates("0.28", "0.028", "0.42"), source=f"{source}news250929"),
    ]


PRICES: dict[str, list[Price]] = {
    "deepseek/deepseek-chat": [
        Price(rates=_rates("0.14", "0.014", "0.28"), source=_DEEPSEEK),
        *_deepseek(_rates("0.27", "0.07", "1.10")),
    ],
    "deepseek/deepseek-reasoner": [*_deepseek(_rates("0.55", "0.14", "2.19"))],
    "anthropic/claude-mythos-preview": [
        Price(
            rates=_rates("25", "2.5", "125")
            | {"cache_write": Decimal("31.25"), "cache_write_1h": Decimal(50), "web_search": Decimal(10)},
            regions={"us": Decimal("1.1")},
            source="https://www.anthropic.com/glasswing",
        )
    ],
}
"""Provider/model -> its whole history."""

REDIRECTED: dict[str, tuple[date, str, str]] = {
    f"xai/{name}": (date(2026, 5, 15), "19:00", "grok-4.3")
    for name in (
        *("grok-3", "grok-4-0709", "grok-4-fast-reasoning", "grok-4-fast-non-reasoning"),
        *("grok-4-1-fast-reasoning", "grok-4-1-fast-non-reasoning"),
    )
}
"""Provider/model -> since when another model answers under its names, at the price of that (docs.x.ai, migration)."""

MINIMUMS: dict[str, dict[str, int]] = {
    "groq/whisper-large-v3": {"second_input": 10},
    "groq/whisper-large-v3-turbo": {"second_input": 10},
    "groq/distil-whisper-large-v3-en": {"second_input": 10},
}
"""Provider/model -> the least that one request is billed for."""

MODELS: dict[str, list[ModelSheet]] = {
    "anthropic": [
        ModelSheet(
            model="claude-instant-1.2",
            names=["claude-instant-1", "claude-instant-v1"],
            context_window=100_000,
            prices=[Price(rates={"input": Decimal("0.80"), "output": Decimal("2.40")})],
        )
    ],
    "openrouter": [  # it passes on what the maker asks, which is the list's price of xai/grok-4-0709
        ModelSheet(
            model="x-ai/grok-4",
            names=["x-ai/grok-4-07-09"],
            context_window=256_000,
            prices=[Price(rates=_rates("3", "0.75", "15"), source="https://openrouter.ai/docs/faq")],
        )
    ],
}
"""Provider -> models that both lists have forgotten."""

NAMES: dict[str, tuple[str, ...]] = {
    "anthropic/claude-sonnet-4-0": ("claude-sonnet-4-20250514", "claude-sonnet-4"),
    "anthropic/claude-opus-4-0": ("claude-opus-4-20250514", "claude-opus-4"),
    "anthropic/claude-opus-4-1": ("claude-opus-4-1-20250805",),
    "anthropic/claude-3-7-sonnet-latest": ("claude-3-7-sonnet-20250219",),
    "anthropic/claude-3-5-sonnet": (
        *("claude-3-5-sonnet-20240620", "claude-3-5-sonnet-20241022", "claude-3-5-sonnet-latest"),
    ),
    "anthropic/claude-3-5-haiku-latest": ("claude-3-5-haiku-20241022",),
    "anthropic/claude-3-opus-latest": ("claude-3-opus-20240229",),
    "anthropic/claude-3-sonnet": ("claude-3-sonnet-20240229",),
    "anthropic/claude-3-haiku": ("claude-3-haiku-20240307",),
    "anthropic/claude-2": ("claude-2.0", "claude-2.1"),
    "bedrock/anthropic.claude-3-haiku-20240307-v1:0": ("claude-3-haiku-48k-20240307",),
    "bedrock/anthropic.claude-v1": ("anthropic.claude-v2",),
    "google/gemini-2.0-flash": ("gemini-2.0-flash-001",),
    "openai/davinci-002": ("davinci:2023-07-21-v2",),
}
"""Provider/model -> names that its maker gave it."""


def _alias(name: str, *meant: tuple[date | None, str]) -> Alias:
    return Alias(name=name, meant=[Meaning(from_=day, model=model) for day, model in meant])


_LARGE_3, _SMALL_4, _MEDIUM_3_5 = date(2025, 12, 2), date(2026, 3, 16), date(2026, 6, 16)

ALIASES: dict[str, list[Alias]] = {
    "mistral": [
        _alias("mistral-large-latest", (None, "mistral-large"), (_LARGE_3, "mistral-large-2512")),
        _alias("mistral-medium", (None, "mistral-medium-3-1"), (_MEDIUM_3_5, "mistral-medium-2604")),
        _alias("mistral-medium-latest", (None, "mistral-medium-3-1"), (_MEDIUM_3_5, "mistral-medium-2604")),
        _alias("magistral-medium-latest", (None, "magistral-medium"), (_MEDIUM_3_5, "mistral-medium-2604")),
        _alias("mistral-small-latest", (None, "mistral-small-3.2-24b-instruct"), (_SMALL_4, "mistral-small-2603")),
        _alias("magistral-small-latest", (None, "magistral-small"), (_SMALL_4, "mistral-small-2603")),
    ]
}
"""Provider -> names that moved from one model to another, and when."""


def added(sheet: ProviderSheet) -> ProviderSheet:
    """Return a provider's file with what is written here."""
    models = [_added_to(f"{sheet.provider}/{model.model}", model, sheet) for model in sheet.models]
    aliases = ALIASES.get(sheet.provider, [])
    moving = {alias.name for alias in aliases}
    models = [model for model in (*models, *MODELS.get(sheet.provider, ())) if model.model not in moving]
    return msgspec.structs.replace(sheet, models=models, aliases=aliases)


def _added_to(key: str, model: ModelSheet, sheet: ProviderSheet) -> ModelSheet:
    known = {name for other in sheet.models for name in (other.model, *other.names)}
    names = [*model.names, *(name for name in NAMES.get(key, ()) if name not in known)]
    return msgspec.structs.replace(
        model, names=names, minimums=MINIMUMS.get(key, model.minimums), prices=PRICES.get(key, model.prices)
    )
