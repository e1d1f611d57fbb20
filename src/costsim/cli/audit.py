"""`costsim audit`: what it cost, on what, and what is wasted."""

from typing import Annotated

import typer

from costsim.cli.options import (
    Agents,
    AsOfDay,
    EstimateUnfinished,
    LogFormat,
    Logs,
    MapFile,
    Mode,
    NoProgress,
    Out,
    PriceFiles,
    Quiet,
    Since,
    Strict,
    TaskFile,
    Timezone,
    Top,
    Until,
    Where,
    Workers,
)  # fmt: skip

EXAMPLE = "Example: costsim audit logs/ --by model,task --by tag:team --since 2026-10-01 --format markdown"

By = Annotated[
    list[str] | None,
    typer.Option(
        "--by",
        help="Group by: model, requested_model, task, complexity, route, user, provider, operation, tier, status, "
        "error, format, file, day, tag:NAME; 'a,b' crosses; may repeat.",
    ),
]
ReportFormat = Annotated[str, typer.Option("--format", help="table, json, csv or markdown.")]
Rejects = Annotated[bool, typer.Option("--rejects", help="Show every line that could not be read.")]


def audit(
    logs: Logs = None,
    by: By = None,
    format: ReportFormat = "table",
    out: Out = None,
    where: Where = None,
    since: Since = None,
    until: Until = None,
    timezone: Timezone = "UTC",
    top: Top = 10,
    rejects: Rejects = False,
    agents: Agents = False,
    log_format: LogFormat = None,
    map_file: MapFile = None,
    tasks: TaskFile = None,
    estimate_unfinished: EstimateUnfinished = False,
    prices: PriceFiles = None,
    as_of: AsOfDay = "logged",
    cost_mode: Mode = "auto",
    strict: Strict = False,
    workers: Workers = None,
    quiet: Quiet = False,
    no_progress: NoProgress = False,
) -> None:
    """Say what the calls in the logs cost, by task, model and route, and what could be saved."""
    from costsim.app import audit as use_case
    from costsim.app.asked import Asked
    from costsim.app.reading import Reading, agents_here, where_agents_log
    from costsim.cli.endings import check_writable, warn, write
    from costsim.cli.progress import progress
    from costsim.cli.view import view

    check_writable(out, logs or [])
    asked = Asked(
        by=by or [], where=where or [], since=since, until=until, timezone=timezone, prices=prices or [], as_of=as_of,
        cost_mode=cost_mode, format=format,
    )  # fmt: skip
    reading = Reading(log_format, map_file, tasks, workers, estimate_unfinished, agents)
    if agents:
        warn([where_agents_log(agents_here())], quiet=quiet)
    with progress(not (quiet or no_progress)) as told:
        answer = use_case.audit(logs or [], reading, asked, told)
    warn(answer.warnings, quiet=quiet)
    write(answer.render(view(top, rejects, out)), out)
    answer.insist(strict)


def add_to(app: typer.Typer) -> None:
    """Make this a command of the application."""
    app.command("audit", epilog=EXAMPLE)(audit)
