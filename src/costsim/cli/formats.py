"""`costsim formats`: the log formats, with how each is recognised, and a mapping for any other log."""

from pathlib import Path
from typing import Annotated

import typer


def formats(
    init_map: Annotated[
        Path | None,
        typer.Option("--init-map", help="Print a YAML mapping for this file's columns, as far as their names tell."),
    ] = None,
) -> None:
    """List the log formats; they are recognised by content, not by name."""
    from costsim.app import formats as use_case
    from costsim.cli.endings import write

    write(use_case.mapping_for(init_map) if init_map else use_case.listed(), None)


def add_to(app: typer.Typer) -> None:
    """Make this a command of the application."""
    app.command("formats", epilog="Example: costsim formats --init-map calls.csv > map.yaml")(formats)
