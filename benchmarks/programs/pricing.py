"""Calls of many models, tiers and days, priced and timed: `python benchmarks/programs/pricing.py price 10000000 7`.

`load` times the loading of the compiled price table, `price` the pricing of that many calls after loading, and
`sample` writes the first calls to a file for other engines. Each is a process of its own, and prints JSON.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

MODELS = (
    ("openai", "gpt-5.5"),
    ("openai", "gpt-5.4-mini"),
    ("openai", "gpt-4o"),
    ("openai", "o3"),
    ("anthropic", "claude-sonnet-4-5"),
    ("anthropic", "claude-opus-4-6"),
    ("anthropic", "claude-haiku-4-5"),
    ("gemini", "gemini-2.5-pro"),
    ("gemini", "gemini-2.5-flash"),
    ("deepseek", "deepseek-chat"),
    ("mistral", "mistral-large-latest"),
    ("groq", "llama-3.3-70b-versatile"),
)
TIERS = ("standard", "batch", "flex", "priority")
OPENAI = 4
"""The first models are OpenAI's, whose flex and priority tiers are used too."""
FIRST_DAY, LAST_DAY = 1_735_689_600, 1_793_491_200
"""2025-01-01 and 2026-11-01, in seconds."""
LONGEST = 300_000

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Calls:
    """Columns of calls: places in MODELS and TIERS, UTC microseconds, tokens."""

    model: npt.NDArray[np.int32]
    tier: npt.NDArray[np.int8]
    at: Ints
    input_tokens: Ints
    cached_tokens: Ints
    output_tokens: Ints


def calls(count: int, seed: int) -> Calls:
    """Return so many calls from a seed; the first ones are the same for every count."""
    parts = [_block(seed, number) for number in range(-(-count // _BLOCK))]
    return Calls(*(np.concatenate([getattr(part, name) for part in parts])[:count] for name in Calls.__annotations__))


_BLOCK = 100_000


def _block(seed: int, number: int) -> Calls:
    rng = np.random.default_rng((seed, number))
    model = rng.integers(0, len(MODELS), _BLOCK, dtype=np.int32)
    tier = rng.choice(len(TIERS), _BLOCK, p=(0.85, 0.09, 0.03, 0.03)).astype(np.int8)
    tier[(tier > 1) & (model >= OPENAI)] = 0
    tier[(model >= len(MODELS) - 3)] = 0
    size = np.minimum(rng.lognormal(7.0, 1.6, _BLOCK).astype(np.int64) + 1, LONGEST)
    cached = np.where(rng.random(_BLOCK) < 0.3, size * 3 // 4, 0)
    return Calls(
        model=model,
        tier=tier,
        at=rng.integers(FIRST_DAY, LAST_DAY, _BLOCK) * 1_000_000,
        input_tokens=size,
        cached_tokens=cached,
        output_tokens=np.minimum(rng.lognormal(5.5, 1.2, _BLOCK).astype(np.int64), 30_000),
    )


def load() -> dict[str, Any]:
    """Load the compiled table in this process for the first time."""
    from costsim import prices

    began = time.perf_counter()
    table = prices.load()
    return {"seconds": time.perf_counter() - began, "models": len(table)}


def price(count: int, seed: int) -> dict[str, Any]:
    """Price calls, names included: the table is loaded and the columns are there when the clock starts."""
    from costsim import cost, prices

    table, asked = prices.load(), calls(int(count), int(seed))
    began = time.perf_counter()
    index = np.array([table.index_of(*name) for name in MODELS], np.int32)
    tier = np.array([prices.tier_code(name) for name in TIERS], np.int8)
    usage = cost.Usage(
        model=index[asked.model],
        at=asked.at,
        tier=tier[asked.tier],
        input_tokens=asked.input_tokens,
        output_tokens=asked.output_tokens,
        cache_read_tokens=asked.cached_tokens,
    )
    costs = cost.price(usage, table, parts=False)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "calls": len(usage), "priced": int(costs.known.sum())}


def sample(count: int, seed: int, file: str) -> dict[str, Any]:
    """Write calls as JSON Lines."""
    asked = calls(int(count), int(seed))
    with Path(file).open("w") as out:
        for row in range(int(count)):
            provider, model = MODELS[asked.model[row]]
            call = {"provider": provider, "model": model, "tier": TIERS[asked.tier[row]], "at": int(asked.at[row])}
            tokens = {
                name: int(getattr(asked, name)[row]) for name in ("input_tokens", "cached_tokens", "output_tokens")
            }
            out.write(json.dumps(call | tokens) + "\n")
    return {"calls": int(count)}


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {"load": load, "price": price, "sample": sample}

if __name__ == "__main__":
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
