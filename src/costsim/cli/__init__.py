"""The command line: one short function per command, and one place where every run ends.

Heavy libraries are imported inside commands, so that `costsim --help` starts at once.
"""

import gc
import os
import sys
from importlib import import_module
from typing import Annotated

import typer

from costsim import __version__
from costsim.cli.endings import leave, run

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""There is no linear algebra here; numpy would start a thread for each core, in each process, to wait for some."""

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
"""Arrow's own pool keeps what tables have freed, in each process: a quarter of the memory of an audit."""

gc.set_threshold(100_000, 50, 100)
"""Modules and tables live as long as the run, and calls hold no cycles: looking for some so often finds nothing."""

COMMANDS = ("audit", "simulate", "baseline", "check", "ingest", "formats", "prices", "policy", "explain", "tasks")
"""Modules of this package, in the order of the help text."""


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"costsim {__version__}")
        raise typer.Exit


def _costsim(
    _: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Options that stand before a command."""


def application(first: str = "") -> typer.Typer:
    """Return the application; with one command alone where the first argument names it, for each takes its time."""
    found = typer.Typer(
        name="costsim",
        help="What your LLM calls cost, what is wasted, and what they would cost otherwise, from your logs alone.",
        epilog="Example: costsim audit logs/ --by model,task",
        context_settings={"help_option_names": ["-h", "--help"]},
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    found.callback()(_costsim)
    for name in [first] if first in COMMANDS else COMMANDS:
        import_module(f"costsim.cli.{name}").add_to(found)
    return found


def main() -> None:
    """Run the command that the arguments name, and raise SystemExit with its exit code."""
    run(application(*sys.argv[1:2]))


def command() -> None:
    """Run the command that the arguments name, and end the process with its exit code."""
    try:
        main()
    except SystemExit as ended:
        leave(ended)
