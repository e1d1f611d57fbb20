"""`costsim check`: did it get dearer? The only command that ends with 1."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from costsim.cli.baseline import PairBy
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
    TaskFile,
    Timezone,
    Top,
    Until,
    Where,
    Workers,
)  # fmt: skip

if TYPE_CHECKING:
    from costsim.app.check import Verdict

EXAMPLE = "Example: costsim check logs/ --baseline costs.json --format markdown"


def check(
    logs: NamedLogs = None,
    baseline: Annotated[Path | None, typer.Option("--baseline", help="The file that `costsim baseline` wrote.")] = None,
    against: Annotated[
        list[str] | None, typer.Option("--against", help="Compare with the calls of an older log; may repeat.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", help="Replay the log under this policy, instead of judging its own cost.")
    ] = None,
    against_policy: Annotated[
        Path | None, typer.Option("--against-policy", help="The policy before the change; without: as logged.")
    ] = None,
    against_prices: Annotated[
        list[Path] | None, typer.Option("--against-prices", help="Price files before the change; may repeat.")
    ] = None,
    against_ref: Annotated[
        str | None, typer.Option("--against-ref", help="Read --policy and --prices as they were in this git commit.")
    ] = None,
    pair_by: PairBy = "prompt",
    config: Annotated[
        Path | None,
        typer.Option("--config", help="Thresholds, budgets, logs; by default costsim.yaml here."),
    ] = None,
    max_increase: Annotated[
        float | None, typer.Option("--max-increase", help="Per cent per call that a route may get dearer (5).")
    ] = None,
    min_usd: Annotated[
        float | None, typer.Option("--min-usd", help="Dollars a month below which nothing is a regression (1).")
    ] = None,
    min_calls: Annotated[
        int | None, typer.Option("--min-calls", help="Calls that a route needs in both logs (30).")
    ] = None,
    alpha: Annotated[
        float | None, typer.Option("--alpha", help="Rate of false alarms over all routes together (0.05).")
    ] = None,
    level: Annotated[str | None, typer.Option("--level", help="What a regression does: fail, warn or off.")] = None,
    max_unpriced: Annotated[float | None, typer.Option("--max-unpriced", help="Share of calls (0.01).")] = None,
    max_rejected: Annotated[float | None, typer.Option("--max-rejected", help="Share of lines (0.05).")] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(
            "--budget", help="month=500, day=20, user=5, route:NAME=100, call=0.05, call:ROUTE=0.02; repeats."
        ),
    ] = None,
    other_prices: Annotated[
        bool, typer.Option("--other-prices", help="Compare with a baseline that another price table priced.")
    ] = False,
    allow_no_baseline: Annotated[
        bool, typer.Option("--allow-no-baseline", help="No baseline yet is no failure.")
    ] = False,
    self_test: Annotated[
        bool, typer.Option("--self-test", help="Prove on built-in data that this gate can fail; no log is read.")
    ] = False,
    format: Annotated[str, typer.Option("--format", help="table, json, markdown, github, gitlab, junit or sarif.")] = (
        "table"
    ),
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
    workers: Workers = None,
    quiet: Quiet = False,
    no_progress: NoProgress = False,
) -> None:
    """Say whether calls got dearer than the baseline, beyond noise, and why: 1 if so, 3 where nothing can be said."""
    from costsim.app import check as use_case
    from costsim.app import check_policy
    from costsim.app import config as project
    from costsim.app.audit import Asked
    from costsim.app.baseline import pairs_of
    from costsim.app.reading import Reading
    from costsim.cli.endings import check_writable, warn, write
    from costsim.cli.progress import progress
    from costsim.cli.view import view
    from costsim.errors import UsageError
    from costsim.summary.gate import limits

    if self_test:
        from costsim.app.self_test import self_test as prove

        write("".join(f"{line}\n" for line in prove()), out)
        return
    said = project.read(config)
    named = project.logs_of(logs, said)
    check_writable(out, named)
    held = limits.with_flags(
        said.check, max_increase_percent=max_increase, min_increase_usd=min_usd, min_calls=min_calls, alpha=alpha,
        level=level, max_unpriced=max_unpriced, max_rejected=max_rejected,
        budgets=[limits.parse_budget(text) for text in budget or []],
    )  # fmt: skip
    asked = Asked(
        where=where or [], since=since, until=until, timezone=timezone, prices=prices or [], as_of=as_of,
        cost_mode=cost_mode, format=format,
    )  # fmt: skip
    change = check_policy.Change(policy, against_policy, against_prices, against_ref)
    if change.is_one and (baseline or against):
        raise UsageError("either logs or policies are compared", where="--baseline", hint="run check twice")
    reading = Reading(log_format, map_file, tasks, workers)
    compared = use_case.Against(baseline, against or [], allow_no_baseline, other_prices, pairs_of(pair_by, True))
    with progress(not (quiet or no_progress)) as told:
        if change.is_one:
            verdict = check_policy.check(named, reading, asked, change, held, told)
        else:
            verdict = use_case.check(named, reading, asked, compared, held, told)
    warn(verdict.warnings, quiet=quiet)
    write(verdict.render(view(top, False, out)), out)
    _write_summary(verdict)
    verdict.insist()
    raise typer.Exit(verdict.exit_code)


def _write_summary(verdict: "Verdict") -> None:
    """Add the report as Markdown to the page of a run of GitHub Actions."""
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary and verdict.format == "github":
        with Path(summary).open("a", encoding="utf-8") as page:
            page.write(verdict.as_markdown())


def add_to(app: typer.Typer) -> None:
    """Make this a command of the application."""
    app.command("check", epilog=EXAMPLE)(check)
