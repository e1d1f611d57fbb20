"""`costsim simulate`: what it would have cost under another routing policy."""

from pathlib import Path
from typing import Annotated

import typer

from costsim.cli.options import (
    AsOfDay,
    LogFormat,
    MapFile,
    Mode,
    NamedLogs,
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

EXAMPLE = "Example: costsim simulate logs/ --policy tiers.yaml --policy cheap-first-cascade"

Policies = Annotated[
    list[Path] | None, typer.Option("--policy", help="A policy file, or the name of a ready one; may repeat.")
]
Controls = Annotated[
    bool, typer.Option("--controls/--no-controls", help="What the policy is compared with: all on one model ...")
]
Sweeps = Annotated[
    list[str] | None,
    typer.Option(
        "--sweep", help="A number's values: escalation_rate=0:0.5:0.1, rules.NAME.conditions.COLUMN=1,2; repeats."
    ),
]
PerCall = Annotated[
    Path | None, typer.Option("--per-call", help="Write every call's attempts, with their cost, as Parquet.")
]
ScoresFile = Annotated[
    Path | None, typer.Option("--scores", help="Scores from 0 to 1 by call_id and model: CSV, JSONL or Parquet.")
]


def simulate(
    logs: NamedLogs = None,
    policy: Policies = None,
    controls: Controls = True,
    sweep: Sweeps = None,
    per_call: PerCall = None,
    scores: ScoresFile = None,
    format: Annotated[str, typer.Option("--format", help="table, json, csv or markdown.")] = "table",
    out: Out = None,
    where: Where = None,
    since: Since = None,
    until: Until = None,
    timezone: Timezone = "UTC",
    top: Top = 10,
    log_format: LogFormat = None,
    map_file: MapFile = None,
    tasks: TaskFile = None,
    prices: PriceFiles = None,
    as_of: AsOfDay = "logged",
    cost_mode: Mode = "auto",
    strict: Strict = False,
    workers: Workers = None,
    quiet: Quiet = False,
    no_progress: NoProgress = False,
) -> None:
    """Say what the calls in the logs would have cost under a routing policy, with an interval and what it rests on."""
    from costsim.app import simulate as use_case
    from costsim.app.asked import Asked
    from costsim.app.config import logs_of
    from costsim.app.reading import Reading
    from costsim.cli.endings import check_writable, warn, write
    from costsim.cli.progress import progress
    from costsim.cli.view import view

    named = logs_of(logs)
    check_writable(out, named)
    check_writable(per_call, named, "--per-call")
    asked = Asked(
        where=where or [], since=since, until=until, timezone=timezone, prices=prices or [], as_of=as_of,
        cost_mode=cost_mode, format=format,
    )  # fmt: skip
    wanted = use_case.Wanted(policy or [], controls, sweep or [], per_call, scores)
    with progress(not (quiet or no_progress)) as told:
        answer = use_case.simulate(named, Reading(log_format, map_file, tasks, workers), asked, wanted, told)
    warn(answer.warnings, quiet=quiet)
    write(answer.render(view(top, False, out)), out)
    answer.insist(strict)


def add_to(app: typer.Typer) -> None:
    """Make this a command of the application."""
    app.command("simulate", epilog=EXAMPLE)(simulate)
