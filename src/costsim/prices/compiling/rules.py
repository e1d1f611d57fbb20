"""Rules of a provider's file that hold for models by glob."""

import fnmatch
from collections.abc import Iterable, Iterator
from typing import TypeVar

from costsim.prices.sheets.sheet import CacheRule, Retirement

Rule = TypeVar("Rule", CacheRule, Retirement)


def matching(rules: Iterable[Rule], model: str) -> Iterator[Rule]:
    """Yield the rules of which a glob matches a model's name, in their order; capitals are as good as small letters."""
    name = model.lower()
    return (rule for rule in rules if any(fnmatch.fnmatchcase(name, glob.lower()) for glob in rule.match))
