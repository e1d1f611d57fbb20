"""List prices of October 2026 in USD per million tokens: not costsim's own, so one can check the other."""

from dataclasses import dataclass
from decimal import Decimal

MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class Usage:
    """Tokens of one call: `input` holds the cache reads and writes, `output` the reasoning."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0


NO_TOKENS = Usage()


@dataclass(frozen=True)
class Rates:
    """What a million tokens of each kind cost."""

    input: str
    cache_read: str
    output: str
    write_5m: str = "0"
    write_1h: str = "0"

    def cost(self, usage: Usage) -> Decimal:
        """The price of a call, each token in exactly one place."""
        plain = usage.input - usage.cache_read - usage.cache_write_5m - usage.cache_write_1h
        return (
            plain * Decimal(self.input)
            + usage.cache_read * Decimal(self.cache_read)
            + usage.cache_write_5m * Decimal(self.write_5m)
            + usage.cache_write_1h * Decimal(self.write_1h)
            + usage.output * Decimal(self.output)
        ) / MILLION


RATES = {
    "gpt-5.5": Rates("5", "0.5", "30"),
    "gpt-5.4": Rates("2.5", "0.25", "15"),
    "gpt-5.4-mini": Rates("0.75", "0.075", "4.5"),
    "claude-sonnet-4-5": Rates("3", "0.3", "15", "3.75", "6"),
    "claude-sonnet-4-6": Rates("3", "0.3", "15", "3.75", "6"),
    "claude-haiku-4-5": Rates("1", "0.1", "5", "1.25", "2"),
    "claude-haiku-5-5": Rates("0.1", "0.01", "0.5", "0.125", "0.2"),
    "claude-opus-4-8": Rates("5", "0.5", "25", "6.25", "10"),
}
LONG_CONTEXT = {
    "gpt-5.5": (272_000, Rates("10", "1", "45")),
    "gpt-5.4": (272_000, Rates("5", "0.5", "22.5")),
    "claude-haiku-5-5": (100_000, Rates("0.5", "0.05", "2.5", "0.625", "1")),
}


def list_cost(model: str, usage: Usage) -> Decimal | None:
    """The list price of a call, at the higher rates when its whole prompt is above the model's limit."""
    if model not in RATES:
        return None
    limit, above = LONG_CONTEXT.get(model, (None, RATES[model]))
    return (above if limit is not None and usage.input > limit else RATES[model]).cost(usage)


def is_long(model: str, usage: Usage) -> bool:
    """Whether a call's prompt is above the model's long-context limit."""
    return model in LONG_CONTEXT and usage.input > LONG_CONTEXT[model][0]
