"""`costsim formats`: the log formats, with how each is recognised, and a mapping for any other log."""

from pathlib import Path
from typing import Annotated

import typer


def formats(
    context: typer.Context,
    init_map: Annotated[
        Path | None,
        typer.Option(
            "--init-map",
            help="Print a YAML mapping for this file's columns, by their names; those of few values as tags.",
        ),
    ] = None,
) -> None:
    """List the log formats; they are recognised by content, not by name."""
    from costsim.app import formats as use_case
    from costsim.cli.endings import write

    if context.invoked_subcommand is None:
        write(use_case.mapping_for(init_map) if init_map else use_case.listed(), None)


def detect(files: Annotated[list[Path], typer.Argument(help="Files of logs.")]) -> None:
    """Say what a file is seen to be, and why: its packing, its container, and which formats claim its records."""
    from costsim.app import formats as use_case
    from costsim.cli.endings import write

    write("\n".join(use_case.detected(path) for path in files), None)


def add_to(app: typer.Typer) -> None:
    """Make this a command of the application."""
    group = typer.Typer(
        help="List the log formats, and say which one a file is of.",
        epilog="Example: costsim formats --init-map calls.csv > map.yaml",
    )
    group.callback(invoke_without_command=True)(formats)
    group.command("detect", epilog="Example: costsim formats detect log.jsonl")(detect)
    app.add_typer(group, name="formats")
