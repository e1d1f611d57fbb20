"""What the reader's terminal can show."""

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costsim.reports.contract import View

_WIDEST = 140
_NO_TERMINAL = 100


def view(top: int, show_rejects: bool, out: Path | None) -> "View":
    """Return the width, colour and characters to draw with: of the terminal, or plain for a file or a pipe."""
    from costsim.reports.contract import View

    terminal = out is None and sys.stdout.isatty()
    width = min(shutil.get_terminal_size((_NO_TERMINAL, 24)).columns, _WIDEST)
    encoding = (sys.stdout.encoding or "ascii").lower()
    return View(
        width=width,
        colour=terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb",
        top=top,
        unicode=out is not None or "utf" in encoding,
        show_rejects=show_rejects,
    )
