"""Numbers of a policy file that nothing can be reckoned with: infinite ones, none at all, and huge ones."""

import math
from typing import Any

from costsim.policies.mistakes import Mistake, Place

_MOST = 10**15
"""More tokens, dollars, seconds or shares than anything has."""
_OF_COLUMNS = "when"
"""Numbers that columns are compared with are read by `kinds`, which knows what a column can hold."""


def without_huge(plain: Any) -> tuple[Any, list[Mistake]]:
    """Return a file with 1 for each such number, so that all else can be checked, and the mistakes."""
    mistakes: list[Mistake] = []

    def walk(value: Any, path: Place) -> Any:
        if isinstance(value, dict):
            return {key: each if key == _OF_COLUMNS else walk(each, (*path, key)) for key, each in value.items()}
        if isinstance(value, list):
            return [walk(each, (*path, place)) for place, each in enumerate(value)]
        what, hint = _wrong(value)
        if not what:
            return value
        mistakes.append(Mistake(path, what, hint))
        return 1

    return walk(plain, ()), mistakes


def _wrong(value: Any) -> tuple[str, str]:
    """What is wrong with a number, and a hint; empty of all else."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is no number to reckon with", "leave the key out where there is no limit"
    if isinstance(value, int | float) and abs(value) > _MOST:
        return f"{value} is too large a number", f"at most {_MOST:,}"
    return "", ""
