"""`costsim baseline`: accept what calls cost today as what they may cost."""

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
    PriceFiles,
    Quiet,
    Since,
    TaskFile,
    Timezone,
    Until,
    Where,
    Workers,
)  # fmt: skip

EXAMPLE = 'Example: costsim baseline logs/ --out costs.json; later: --accept --reason "longer answers, as agreed"'

PairBy = Annotated[
    str, typer.Option("--pair-by", help="What makes two calls the same: prompt, or tag:NAME such as tag:test_id.")
]


def baseline(
    logs: NamedLogs = None,
    out: Annotated[Path, typer.Option("--out", help="The file to commit.")] = Path("costs.json"),
    accept: Annotated[
        bool, typer.Option("--accept", help="Replace the file that is there; its history of reasons goes on.")
    ] = False,
    reason: Annotated[str | None, typer.Option("--reason", help="Why these figures are fine.")] = None,
    pair_by: PairBy = "prompt",
    with_pairs: Annotated[
        bool | None,
        typer.Option("--with-pairs/--no-pairs", help="Keep each prompt's cost; by default of 2,000 prompts at most."),
    ] = None,
    where: Where = None,
    since: Since = None,
    until: Until = None,
    timezone: Timezone = "UTC",
    log_format: LogFormat = None,
    map_file: MapFile = None,
    tasks: TaskFile = None,
    prices: PriceFiles = None,
    as_of: AsOfDay = "logged",
    cost_mode: Mode = "auto",
    workers: Workers = None,
    quiet: Quiet = False,
    no_progress: NoProgress = False,
) -> None:
    """Write what the calls in the logs cost, by route, task and model, as the file that `check` compares with."""
    from costsim.app.asked import Asked
    from costsim.app.config import logs_of
    from costsim.app.gate import baseline as use_case
    from costsim.app.reading import Reading
    from costsim.cli.endings import check_writable, warn, write_whole
    from costsim.cli.progress import progress

    named = logs_of(logs)
    check_writable(out, named)
    _check_accepted(out, accept, reason)
    asked = Asked(
        where=where or [], since=since, until=until, timezone=timezone, prices=prices or [], as_of=as_of,
        cost_mode=cost_mode,
    )  # fmt: skip
    reading = Reading(log_format, map_file, tasks, workers)
    pairs = use_case.pairs_of(pair_by, with_pairs)
    with progress(not (quiet or no_progress)) as told:
        content, held, warnings = use_case.baseline_file(named, reading, asked, pairs, told, known=out, reason=reason)
    write_whole(out, content)
    warn([*warnings, f"{held} -> {out}; costsim check LOGS --baseline {out}"], quiet=quiet)


def _check_accepted(out: Path, accept: bool, reason: str | None) -> None:
    from costsim.errors import UsageError

    if out.exists() and not accept:
        raise UsageError("is there already", where=f"--out {out}", hint='to replace it: --accept --reason "..."')
    if accept and not (reason or "").strip():
        raise UsageError("a change is accepted for a reason", where="--accept", hint='--reason "longer answers"')


def add_to(app: typer.Typer) -> None:
    """Make this a command of the application."""
    app.command("baseline", epilog=EXAMPLE)(baseline)
