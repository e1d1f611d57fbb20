"""What other engines take to price calls one by one: `python benchmarks/programs/price_peers.py litellm CALLS.jsonl`.

Prints JSON, or ends with code 3 where the engine is not installed. A call that an engine refuses counts as not priced;
the time it took to refuse counts too.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NOT_INSTALLED = 3

Call = dict[str, Any]


def genai_prices() -> Callable[[Call], object]:
    """The pricing of one call by genai-prices, by its time; it is given no tier."""
    engine = importlib.import_module("genai_prices")
    providers = {"gemini": "google"}

    def price(call: Call) -> object:
        usage = engine.Usage(
            input_tokens=call["input_tokens"],
            cache_read_tokens=call["cached_tokens"],
            output_tokens=call["output_tokens"],
        )
        return engine.calc_price(
            usage,
            call["model"],
            provider_id=providers.get(call["provider"], call["provider"]),
            genai_request_timestamp=call["when"],
        ).total_price

    return price


def litellm() -> Callable[[Call], object]:
    """The pricing of one call by LiteLLM, from the price map inside its package, by its tier; it knows no dates."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    engine = importlib.import_module("litellm")

    def price(call: Call) -> object:
        return engine.cost_per_token(
            model=call["model"],
            custom_llm_provider=call["provider"],
            prompt_tokens=call["input_tokens"],
            completion_tokens=call["output_tokens"],
            cache_read_input_tokens=call["cached_tokens"],
            service_tier=None if call["tier"] == "standard" else call["tier"],
        )

    return price


ENGINES: dict[str, Callable[[], Callable[[Call], object]]] = {"genai-prices": genai_prices, "litellm": litellm}


def measure(name: str, file: Path) -> dict[str, Any]:
    """Price every call of a file, and say how long that took; the first call, which loads things, does not count."""
    calls: list[Call] = [json.loads(line) for line in file.read_text().splitlines()]
    for call in calls:
        call["when"] = datetime.fromtimestamp(call["at"] / 1e6, UTC)
    price = ENGINES[name]()
    _priced(price, calls[0])
    began = time.perf_counter()
    priced = sum(_priced(price, call) for call in calls)
    return {"seconds": time.perf_counter() - began, "calls": len(calls), "priced": priced}


def _priced(price: Callable[[Call], object], call: Call) -> bool:
    try:
        return price(call) is not None
    except Exception:  # whatever an engine raises for a model that it does not know
        return False


if __name__ == "__main__":
    try:
        print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
    except ImportError as problem:
        print(problem, file=sys.stderr)
        sys.exit(NOT_INSTALLED)
