"""Calls as far as their tokens say something of the models that answered them."""

from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import asdict
from numpy.typing import NDArray

from costsim.projection.sums import Ints

MOST_TOKENS = 1 << 20
"""Longer calls count as so long: the square of a count must be summed a million times."""


class Answered(msgspec.Struct, frozen=True):
    """Calls of one batch, and who answered them; arrays of one length."""

    prompt: NDArray[np.uint64]
    """Hash of the prompt; 0 where the log has none."""
    model: NDArray[np.int32]
    """Places in the `models` of `measure`; -1 unknown, or failed or cut off: its tokens say nothing of the model."""
    task: NDArray[np.int32]
    """Places in the `tasks` of `measure`."""
    input_tokens: Ints
    output_tokens: Ints
    """-1 where not known."""
    reasoning_tokens: Ints | None = None
    """The part of the output that nobody reads; -1 (or no column) where the log does not say."""

    def save(self, path: Path) -> None:
        """Write the columns that there are to a file."""
        np.savez(path, allow_pickle=False, **{name: each for name, each in asdict(self).items() if each is not None})

    def only(self, chosen: NDArray[np.bool_]) -> "Answered":
        """Return the chosen calls."""
        return self if chosen.all() else self.take(np.flatnonzero(chosen))

    def take(self, rows: Ints) -> "Answered":
        """Return the calls in these rows."""
        return Answered(
            self.prompt.take(rows),
            self.model.take(rows),
            self.task.take(rows),
            self.input_tokens.take(rows),
            self.output_tokens.take(rows),
            None if self.reasoning_tokens is None else self.reasoning_tokens.take(rows),
        )

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Which calls tell something."""
        return (self.model >= 0) & tells(self.input_tokens, self.output_tokens)


def tells(input_tokens: Ints, output_tokens: Ints) -> NDArray[np.bool_]:
    """Return which calls have a prompt and an answer."""
    found: NDArray[np.bool_] = (input_tokens > 0) & (output_tokens > 0)
    return found


def limited(tokens: Ints) -> Ints:
    """Return the tokens, no call's more than MOST_TOKENS."""
    return tokens if tokens.max(initial=0) <= MOST_TOKENS else np.minimum(tokens, MOST_TOKENS)
