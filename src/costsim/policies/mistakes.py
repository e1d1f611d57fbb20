"""Mistakes in a policy file: what is wrong, and where in the file; all of them are told at once."""

from collections.abc import Iterable
from typing import NamedTuple

from costsim.decode import Lines
from costsim.errors import ConfigError

Place = tuple[str | int, ...]
"""The way to a place in the file: keys of mappings and places in lists."""


class Mistake(NamedTuple):
    """One thing that is wrong."""

    path: Place
    what: str
    hint: str = ""

    def under(self, path: Place) -> "Mistake":
        """Return the mistake as one of the file that holds its part at `path`."""
        return self._replace(path=path + self.path)


def located(mistakes: Iterable[Mistake], text: str, name: str) -> list[ConfigError]:
    """Return the mistakes as errors `name:line: what (hint)`, in the order of the lines."""
    found = list(mistakes)
    if not found:
        return []
    lines = Lines(text)
    placed = sorted(((lines.of(mistake.path), mistake) for mistake in found), key=lambda each: each[0])
    return [ConfigError(mistake.what, where=f"{name}:{line}", hint=mistake.hint) for line, mistake in placed]
