"""Lines of styled text that keep within a width; no library and no colours, only the names of styles."""

import re
from collections.abc import Sequence

from costsim.reports.names import cells

Span = tuple[str, str]
"""Text and the name of its style."""
Line = list[Span]

PLAIN, STRONG, DIM, SAVING, MISSING, BAR = "plain", "strong", "dim", "saving", "missing", "bar"

_BREAK = re.compile(r" (?!%)")
"""Where a line may break: at a space, but not between a number and its per cent sign."""
_EIGHTHS = " ▏▎▍▌▋▊▉"


def wrapped(text: str, width: int, style: str = PLAIN, indent: str = "", hanging: str | None = None) -> list[Line]:
    """Return a text in lines of at most `width`; the first starts with `indent`, the rest with `hanging`."""
    hanging = indent if hanging is None else hanging
    return [[(line, style)] for line in _filled(text, width, indent, hanging)]


def joined(parts: Sequence[str], separator: str, width: int) -> list[str]:
    """Return short parts in lines of at most `width`, broken between them unless one alone is too long."""
    lines: list[str] = []
    for part in parts:
        if lines and cells(lines[-1] + separator + part) <= width:
            lines[-1] += separator + part
        else:
            lines += _filled(part, width, "", "  ")
    return lines


def _filled(text: str, width: int, indent: str, hanging: str) -> list[str]:
    lines = [indent]
    empty = True
    for word in _BREAK.split(text):
        space = "" if empty else " "
        if cells(lines[-1] + space + word) <= width:
            lines[-1] += space + word
        else:
            first, *others = _pieces(word, width - cells(hanging))
            lines[len(lines) - empty :] = [(indent if empty and len(lines) == 1 else hanging) + first]
            lines += [hanging + piece for piece in others]
        empty = False
    return lines


def _pieces(word: str, width: int) -> list[str]:
    """A word, cut where it is too long for any line."""
    pieces = [""]
    for character in word:
        if pieces[-1] and cells(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def padded(text: str, width: int) -> str:
    """Return a text with spaces up to a width."""
    return text + " " * (width - cells(text))


def bar(size: float, width: int) -> str:
    """Return a bar of `size` (0 to 1) times the width, to an eighth of a column; above zero, it shows."""
    eighths = max(round(size * width * 8), 1) if size > 0 else 0
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()
