"""The command line: one short function per command, and one place where every run ends.

Heavy libraries are imported inside commands, so that `costsim --help` starts at once.
"""

import gc
import os
from typing import Annotated

import typer

from costsim import __version__
from costsim.cli import audit, baseline, check, explain, formats, ingest, policy, prices, simulate, tasks
from costsim.cli.endings import leave, run

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""There is no linear algebra here; numpy would start a thread for each core, in each process, to wait for some."""

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
"""Arrow's own pool keeps what tables have freed, in each process: a quarter of the memory of an audit."""

gc.set_threshold(100_000, 50, 100)
"""Modules and tables live as long as the run, and calls hold no cycles: looking for some so often finds nothing."""

app = typer.Typer(
    name="costsim",
    help="What your LLM calls cost, what is wasted, and what they would cost otherwise, from your logs alone.",
    epilog="Example: costsim audit logs/ --by model,task",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"costsim {__version__}")
        raise typer.Exit


@app.callback()
def costsim(
    _: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Options that stand before a command."""


audit.add_to(app)
simulate.add_to(app)
baseline.add_to(app)
check.add_to(app)
ingest.add_to(app)
formats.add_to(app)
prices.add_to(app)
policy.add_to(app)
explain.add_to(app)
tasks.add_to(app)


def main() -> None:
    """Run the command that the arguments name, and raise SystemExit with its exit code."""
    run(app)


def command() -> None:
    """Run the command that the arguments name, and end the process with its exit code."""
    try:
        main()
    except SystemExit as ended:
        leave(ended)
