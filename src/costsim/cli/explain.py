"""`costsim explain`: one call, why it has this task, which rates it had, and its cost line by line."""

from pathlib import Path
from typing import Annotated

import typer

from costsim.cli.options import AsOfDay, LogFormat, MapFile, NamedLogs, NoProgress, PriceFiles, Quiet, TaskFile, Workers


def explain(
    call_id: Annotated[str, typer.Argument(help="The call's id, or as much of its beginning as no other call has.")],
    logs: NamedLogs = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", help="What this policy makes of the call: a file, or a ready one's name.")
    ] = None,
    format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    log_format: LogFormat = None,
    map_file: MapFile = None,
    tasks: TaskFile = None,
    prices: PriceFiles = None,
    as_of: AsOfDay = "logged",
    timezone: Annotated[
        str, typer.Option("--timezone", help="Zone of the days, weeks and months of the policy's budgets.")
    ] = "UTC",
    workers: Workers = None,
    quiet: Quiet = False,
    no_progress: NoProgress = False,
) -> None:
    """Take one call apart: where it stands, its model and rates with the reasons, its cost unit by unit, its task."""
    from costsim.app.config import logs_of
    from costsim.app.explaining import call as use_case
    from costsim.app.reading import Reading
    from costsim.cli.progress import progress
    from costsim.cli.shapes import shape, write_anywhere
    from costsim.reports.explaining.call import SHAPES

    named = logs_of(logs)
    reading = Reading(log_format, map_file, tasks, workers)
    if policy is not None:
        from costsim.app.explaining import policy as explain_policy
        from costsim.reports.explaining import policy as rerouted

        render_policy = shape(format, rerouted.SHAPES)
        with progress(not (quiet or no_progress)) as told:
            call = explain_policy.explained(call_id, policy, named, reading, prices or [], as_of, timezone, told)
        write_anywhere(render_policy(call))
        return
    render = shape(format, SHAPES)
    with progress(not (quiet or no_progress)) as told:
        found = use_case.explained(call_id, named, reading, prices or [], as_of, told)
    write_anywhere(render(found))


def add_to(app: typer.Typer) -> None:
    """Make this a command of the application."""
    app.command("explain", epilog="Example: costsim explain chatcmpl-F0OJTKS1 logs/")(explain)
