"""What a renderer is: something with `render`, which turns a report into text and does nothing else."""

from typing import Protocol

import msgspec

from costsim.summary.report import Report


class View(msgspec.Struct, frozen=True):
    """How the reader wants to see a report; the figures never depend on it."""

    width: int = 80
    """Columns of the terminal."""
    colour: bool = False
    top: int = 10
    """Rows of each table."""
    unicode: bool = True
    """False: nothing but ASCII."""
    show_rejects: bool = False
    """True: every rejected line; False: the first few."""


class Renderer(Protocol):
    """One output; a module satisfies this, there is nothing to inherit."""

    def render(self, report: Report, view: View) -> str:
        """Return the whole output, ending with a newline; read and write nothing."""
