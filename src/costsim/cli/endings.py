"""How a run ends: output that is complete or not there, one line for a mistake, a traceback only for a bug."""

import errno
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from costsim.errors import CostsimError, ReplacedError, UsageError, is_full
from costsim.outputs import is_stream, whole

BUG = 70
INTERRUPTED = 130
_INTERRUPTS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Whoever ends us by another signal is no less owed a clean end than who types Ctrl-C."""
_LOADING = "<frozen importlib._bootstrap>"
"""Where frames say that they are from while a module is loaded."""
_SOON = 0.01
_TRIES = 5
"""Runs at the same time in one folder replace each other's calls; so often in a row, something else is wrong."""
_QUOTED_OPTION = re.compile(r"'(--[\w-]+)'")


def run(app: Callable[..., Any]) -> None:
    """Run the application and leave the process with the exit code that the contract gives to this ending."""
    sys.exit(_code(app))


def leave(ended: SystemExit) -> None:
    """End the process here and now: the system takes its memory back at once, and Python object by object.

    That would be a tenth of a second of every command. What has to be cleaned up was, by whoever used it.
    """
    if not isinstance(ended.code, int | None):
        raise ended
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pass
    except OSError:  # a full disk: Python says so at its own end
        raise ended from None
    os._exit(ended.code or 0)


def _code(app: Callable[..., Any], tries: int = _TRIES) -> int:
    """The exit code of a run, which begins anew where another one took its calls away before it said a word."""
    try:
        for each in _INTERRUPTS:
            if signal.getsignal(each) != signal.SIG_IGN:  # under `nohup` no one wants to end us
                signal.signal(each, _interrupt)
        code = app(standalone_mode=False)
    except ReplacedError as problem:
        if tries > 1 and "-" not in sys.argv:  # standard input is read only once
            return _code(app, tries - 1)
        return _say(str(problem), problem.exit_code)
    except CostsimError as problem:
        return _say("\n".join(problem.lines), problem.exit_code)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as problem:  # what typer makes of a help text that is piped into `head`
        if isinstance(problem.__context__, BrokenPipeError):
            _forget(sys.stdout)
            return 0
        raise
    except Exception as problem:
        return _ended_badly(problem)
    if code == INTERRUPTED:  # typer makes this code of Ctrl-C
        return _say("interrupted; nothing was written", INTERRUPTED)
    return code if isinstance(code, int) else 0


def _ended_badly(problem: Exception) -> int:
    """What typer says of wrong arguments is a mistake of the user's, and a full disk is nobody's; all else is ours."""
    if isinstance(problem, OSError) and is_full(problem):
        where = problem.filename or f"output, or temporary files in {_temporary()}"
        what = os.strerror(problem.errno or errno.ENOSPC)
        return _say(f"{where}: cannot be written: {what}", UsageError.exit_code)
    if isinstance(problem, FileNotFoundError) and "temporary directory" in str(problem):  # of Python's own
        what = "there is no folder for them that has space and is yours to write"
        return _say(f"temporary files: {what} (TMPDIR names one)", UsageError.exit_code)
    if hasattr(problem, "format_message"):
        return _say(_mistake(problem), UsageError.exit_code) if problem.format_message() else UsageError.exit_code
    traceback.print_exception(problem)
    return _say("this is a bug in costsim; the traceback above is what its authors need", BUG)


def _temporary() -> str:
    from tempfile import gettempdir  # which few runs need

    return gettempdir()


def _mistake(problem: Any) -> str:
    """What typer says of wrong arguments, in one line that begins with the option and ends with where help is."""
    context = getattr(problem, "ctx", None)
    said = problem.format_message().strip().rstrip(".").removeprefix("Invalid value for ")
    said = _QUOTED_OPTION.sub(r"\1", said)
    return f"{said} (see `{context.command_path if context else 'costsim'} --help`)"


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; while a module is loaded a little later, for there it is lost, or made another error."""
    while frame is not None and frame.f_code.co_filename != _LOADING:
        frame = frame.f_back
    if frame is None or not hasattr(signal, "setitimer"):
        raise KeyboardInterrupt
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(number))
    signal.setitimer(signal.ITIMER_REAL, _SOON)


def _say(message: str, code: int) -> int:
    warn(message.splitlines(), quiet=False)
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
        _forget(sys.stdout)
    except OSError as problem:
        _forget(sys.stdout)
        raise UsageError(f"cannot be written: {problem.strerror or problem}", where="standard output") from problem


def write_parts(parts: Iterable[str], out: Path | None) -> None:
    """Print a text part by part, or write it whole to a file that appears when it is complete."""
    if out is None:
        for text in parts:
            write(text, None)
        return
    with whole(out) as place, place.open("w", encoding="utf-8", newline="") as file:
        file.writelines(parts)


def _forget(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def warn(lines: Iterable[str], *, quiet: bool) -> None:
    """Tell what the user must know although the run goes on, unless he wants to hear nothing or has gone away."""
    try:
        for line in () if quiet else lines:
            print(f"costsim: {line}", file=sys.stderr)
    except BrokenPipeError:  # `2>&1 | head`: the exit code still says how it went
        _forget(sys.stderr)


def check_writable(out: Path | None, logs: Iterable[str] = (), option: str = "--out") -> None:
    """Raise UsageError, before anything is read, where `out` cannot be written or is one of the logs itself."""
    if out is None or is_stream(out):
        return
    if out.is_dir():
        raise UsageError("is a folder", where=f"{option} {out}", hint="name a file in it")
    folder = Path(os.path.realpath(out)).parent if out.is_symlink() else out.parent
    if not folder.is_dir():
        raise UsageError(f"there is no folder '{folder}'", where=f"{option} {out}")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"the folder '{folder}' is not yours to write", where=f"{option} {out}")
    if out.exists() and any(Path(log).is_file() and out.samefile(log) for log in logs):
        raise UsageError("is one of the logs", where=f"{option} {out}", hint="they are never overwritten")


def check_new(out: Path | None) -> None:
    """Raise UsageError where `out` cannot be written, or is there already: what a person has edited is not replaced."""
    check_writable(out)
    if out is not None and out.exists() and not is_stream(out):
        raise UsageError("is there already", where=f"--out {out}", hint="remove it, or name another file")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step: whoever looks finds the old content or the new, never a half."""
    with whole(path) as place:
        place.write_bytes(content)
