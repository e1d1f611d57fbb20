"""Engines: `map(function, items)` here or elsewhere; an engine knows nothing of calls.

To add one: a module that satisfies `Engine`, and its line in `ENGINES`.
"""

from collections.abc import Callable, Generator, Iterable
from typing import Protocol, TypeVar

from costsim.engines import local

Item = TypeVar("Item")
Result = TypeVar("Result")


class Engine(Protocol):
    """Something that can apply a function to many items."""

    def map(
        self, function: Callable[[Item], Result], items: Iterable[Item], workers: int
    ) -> Generator[Result, None, None]:
        """Yield `function(item)` for each item, in the order of the items, drawing items only as they are needed."""


ENGINES: dict[str, Engine] = {"local": local}
