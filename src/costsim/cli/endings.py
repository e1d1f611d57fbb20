"""How a run ends: output that is complete or not there, one line for a mistake, a traceback only for a bug."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from costsim.errors import CostsimError, UsageError

BUG = 70
INTERRUPTED = 130


def run(app: Callable[..., Any]) -> None:
    """Run the application and leave the process with the exit code that the contract gives to this ending."""
    try:
        code = app(standalone_mode=False)
    except CostsimError as problem:
        code = _say(str(problem), problem.exit_code)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as problem:
        if not hasattr(problem, "format_message"):  # what typer says of wrong arguments
            import traceback

            traceback.print_exc()
            code = _say("this is a bug in costsim; the traceback above is what its authors need", BUG)
        else:
            code = _say(f"{problem.format_message()} (see `costsim --help`)", UsageError.exit_code)
    if code == INTERRUPTED:
        _say("interrupted; nothing was written", INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)


def _say(message: str, code: int) -> int:
    print(f"costsim: {message}", file=sys.stderr)
    return code


def write(text: str, out: Path | None) -> None:
    """Print the text, or write it whole to a file; a reader that has gone away (`| head`) is no error."""
    if out is not None:
        write_whole(out, text.encode())
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step: whoever looks finds the old content or the new, never a half."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        raise UsageError(f"cannot be written: {problem.strerror or problem}", where=str(path)) from problem
