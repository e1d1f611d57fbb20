"""`costsim ingest`: logs to the normalised `calls` table."""

from pathlib import Path
from typing import Annotated

import typer

from costsim.cli.options import (
    Agents,
    AsOfDay,
    EstimateUnfinished,
    LogFormat,
    MapFile,
    Mode,
    NeededLogs,
    NoProgress,
    PriceFiles,
    Quiet,
    Strict,
    TaskFile,
    Workers,
)  # fmt: skip
from costsim.errors import UsageError


def ingest(
    out: Annotated[Path, typer.Option("--out", help="The table: .parquet, .csv or .jsonl, by the suffix.")],
    logs: NeededLogs = None,
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
    """Write one row per call, with tokens, task and cost in the same columns whatever the log; no text."""
    from costsim.app import ingest as use_case
    from costsim.app.reading import Reading, agents_here, where_agents_log
    from costsim.cli.endings import check_writable, warn
    from costsim.cli.progress import progress

    if not logs and not agents:
        raise UsageError("no logs named", hint="costsim ingest LOGS... --out FILE, or --agents")
    check_writable(out, logs or [])
    reading = Reading(log_format, map_file, tasks, workers, estimate_unfinished, agents)
    if agents:
        warn([where_agents_log(agents_here())], quiet=quiet)
    with progress(not (quiet or no_progress)) as told:
        done = use_case.ingest(logs or [], reading, out, prices or [], as_of, cost_mode, told)
    warn([*done.warnings, done.coverage()], quiet=quiet)
    done.insist(strict)


def add_to(app: typer.Typer) -> None:
    """Make this a command of the application."""
    app.command("ingest", epilog="Example: costsim ingest logs/ --out calls.parquet")(ingest)
