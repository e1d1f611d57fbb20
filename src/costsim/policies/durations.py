"""Durations as people write them: 30s, 5m, 24h, 7d."""

import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"(\d{1,9})([smhd])")


def seconds(text: str) -> int | None:
    """Return how many seconds a duration has; None where the text is none."""
    found = _DURATION.fullmatch(text)
    return int(found[1]) * _SECONDS[found[2]] if found else None


def text(seconds: int) -> str:
    """Return how a duration is written: 300 is 5m."""
    size, unit = next((size, unit) for unit, size in reversed(_SECONDS.items()) if seconds % size == 0)
    return f"{seconds // size}{unit}"
