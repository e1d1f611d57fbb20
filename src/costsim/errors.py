"""The exception tree: every way in which costsim stops on purpose, each with its exit code.

    CostsimError
    ├── UsageError        exit 2   a wrong option or argument
    │   └── ConfigError   exit 2   a wrong configuration file: price table, mapping, policy
    │       └── ConfigMistakesError   everything that is wrong in one, a line each
    ├── EvidenceError     exit 3   too few calls, or coverage too low, to say anything
    └── LogError          exit 4   a log that cannot be read at all
        └── ReplacedError          calls that another run has taken away meanwhile

A bad line of a log is not an exception: it is counted, and shown with its position.
"""

import errno
import os
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_FULL = (errno.ENOSPC, errno.EDQUOT)
_MOST_NAMED = 16
"""Known words that a hint lists where none is near: more are not read."""


class CostsimError(Exception):
    """An end that a user can do something about, told in one line: `where: what (hint)`."""

    exit_code = 70

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what, self.where, self.hint = what, where, hint
        super().__init__(str(self))

    def __str__(self) -> str:
        return (f"{self.where}: " if self.where else "") + self.what + (f" ({self.hint})" if self.hint else "")

    @property
    def lines(self) -> list[str]:
        """What the user is told, a line for each mistake."""
        return [str(self)]


class UsageError(CostsimError):
    """A wrong option or argument."""

    exit_code = 2


class ConfigError(UsageError):
    """A configuration file that says something impossible; `where` is its path and line."""


class ConfigMistakesError(ConfigError):
    """Everything that is wrong in a configuration file, so that it can be mended in one go."""

    def __init__(self, problems: Sequence[ConfigError]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.what, where=first.where, hint=first.hint)

    @property
    def lines(self) -> list[str]:
        """What the user is told, a line for each mistake."""
        return [str(problem) for problem in self.problems]


class EvidenceError(CostsimError):
    """Too little was seen to say anything; never a silent pass."""

    exit_code = 3


class LogError(CostsimError):
    """A log that cannot be read at all: missing, not permitted, or of no known format."""

    exit_code = 4


class ReplacedError(LogError):
    """The calls kept in a folder are those of another run by now: asked again, they are read anew."""


def refusal(problem: Exception) -> str:
    """Return why a file cannot be read, without the numbers, paths and further lines that libraries add."""
    number = getattr(problem, "errno", None)
    return os.strerror(number) if number else str(problem).splitlines()[0]


def is_full(problem: Exception) -> bool:
    """Return whether a disk is full, or a user's part of it; numpy says only how much it could not write."""
    if not isinstance(problem, OSError):
        return False
    return problem.errno in _FULL or (problem.errno is None and " requested and " in str(problem))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the known word nearest to `word`, or all known words when none is near."""
    words = sorted(known)
    close = get_close_matches(word, words, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    shown = ", ".join(words[:_MOST_NAMED]) + (", ..." if len(words) > _MOST_NAMED else "")
    return f"known: {shown}"
