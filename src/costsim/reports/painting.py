"""Styled lines as text for a terminal: with its colours, or without."""

from collections.abc import Sequence

from costsim.reports import layout
from costsim.reports.contract import View
from costsim.reports.layout import Line
from costsim.reports.legible import ascii_only

_STYLES = {
    layout.PLAIN: "",
    layout.STRONG: "bold",
    layout.DIM: "dim",
    layout.SAVING: "green",
    layout.MISSING: "yellow",
    layout.BAR: "cyan",
}
"""A colour means one thing: green can be saved, yellow is missing from the figures, cyan is a size."""


def painted(lines: Sequence[Line], view: View) -> str:
    """Return lines as text, in the characters and colours that the reader's terminal has."""
    return _painted([_trimmed(line, view.unicode) for line in lines], view.colour)


def _trimmed(line: Line, unicode: bool) -> Line:
    """A line without spaces at its end, in the characters that the reader's terminal has."""
    spans = [(text if unicode else ascii_only(text), style) for text, style in line]
    while spans and not spans[-1][0].strip():
        spans.pop()
    return [*spans[:-1], (spans[-1][0].rstrip(), spans[-1][1])] if spans else []


def _painted(lines: Sequence[Line], colour: bool) -> str:
    if not colour:
        return "".join("".join(text for text, _ in line) + "\n" for line in lines)
    return _coloured(lines)


def _coloured(lines: Sequence[Line]) -> str:
    from rich.color import ColorSystem  # only here: nothing but a terminal with colours needs rich
    from rich.style import Style

    styles = {name: Style.parse(definition) for name, definition in _STYLES.items()}
    return "".join(
        "".join(styles[style].render(text, color_system=ColorSystem.STANDARD) for text, style in line) + "\n"
        for line in lines
    )
