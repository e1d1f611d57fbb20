"""Fit the weights of `costsim.tokens.estimate` to o200k_base, and say how far off they are on texts held out.

    TIKTOKEN_CACHE_DIR=... python -m scripts.fit_token_estimate PROMPTS.jsonl [LOG.jsonl ...]

Every string of 20 characters or more in the files is a text; every fifth one is held out.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tiktoken
from scripts.command_line import file, parser_of

from costsim.tokens import KINDS, kinds_in

_STEPS = 3000
_LONGEST = 20_000


def main() -> None:
    """Print the weights and the errors."""
    parser = parser_of(__doc__)
    parser.add_argument("texts", type=file, nargs="+", metavar="TEXTS.jsonl")
    paths = parser.parse_args().texts
    texts = sorted({text for path in paths for text in _texts(path)})
    encoding = tiktoken.get_encoding("o200k_base")
    kinds = np.array([kinds_in(text) for text in texts], dtype=float)
    tokens = np.array([len(encoding.encode(text, disallowed_special=())) for text in texts], dtype=float)
    held_out = np.arange(len(texts)) % 5 == 0
    weights = _fit(kinds[~held_out], tokens[~held_out])
    guess = kinds[held_out] @ weights
    error = np.abs(guess - tokens[held_out]) / tokens[held_out]
    print(dict(zip(KINDS, weights.round(4).tolist(), strict=True)))
    print(f"{len(texts)} texts; held out: median error {np.median(error):.1%}, p90 {np.quantile(error, 0.9):.1%}, "
          f"sum {guess.sum() / tokens[held_out].sum() - 1:+.1%}")  # fmt: skip


def _fit(kinds: Any, tokens: Any) -> Any:
    """Least squares of the relative error, weights not below zero (multiplicative updates)."""
    scale = 1 / np.maximum(tokens, 10)[:, None]
    left, right = kinds * scale, tokens[:, None] * scale
    gram, target = left.T @ left, left.T @ right
    weights = np.full((kinds.shape[1], 1), 0.3)
    for _ in range(_STEPS):
        weights *= np.maximum(target, 1e-12) / np.maximum(gram @ weights, 1e-12)
    return weights[:, 0]


def _texts(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield from _strings(json.loads(line))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str) and 20 <= len(value) <= _LONGEST and not value.startswith("data:"):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


if __name__ == "__main__":
    main()
