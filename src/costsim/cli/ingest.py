"""`costsim ingest`: logs to the normalised `calls` table."""

from pathlib import Path
from typing import Annotated

import typer

from costsim.cli.options import (
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


def ingest(
    logs: NeededLogs,
    out: Annotated[Path, typer.Option("--out", help="The table: .parquet, .csv or .jsonl, by the suffix.")],
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
    from costsim.app.reading import Reading
    from costsim.cli.endings import check_writable, warn
    from costsim.cli.progress import progress

    check_writable(out, logs)
    reading = Reading(log_format, map_file, tasks, workers, estimate_unfinished)
    with progress(not (quiet or no_progress)) as told:
        done = use_case.ingest(logs, reading, out, prices or [], as_of, cost_mode, told)
    warn([*done.warnings, done.told()], quiet=quiet)
    done.insist(strict)


def add_to(app: typer.Typer) -> None:
    """Make this a command of the application."""
    app.command("ingest", epilog="Example: costsim ingest logs/ --out calls.parquet")(ingest)
