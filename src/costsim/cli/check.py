"""`costsim check`: did it get dearer? The only command that ends with 1."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from costsim.cli.baseline import PairBy
from costsim.cli.check_options import (
    AllowNoBaseline,
    Alpha,
    BaselineFile,
    Budgets,
    CheckFormat,
    ConfigFile,
    Level,
    MaxIncrease,
    MaxRejected,
    MaxUnpriced,
    MinCalls,
    MinUsd,
    OlderCommit,
    OlderLogs,
    OlderPolicy,
    OlderPrices,
    OtherPrices,
    ReplayedPolicy,
    SelfTest,
)  # fmt: skip
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
    from costsim.app.gate.check import Verdict

EXAMPLE = "Example: costsim check logs/ --baseline costs.json --format markdown"


def check(
    logs: NamedLogs = None,
    baseline: BaselineFile = None,
    against: OlderLogs = None,
    policy: ReplayedPolicy = None,
    against_policy: OlderPolicy = None,
    against_prices: OlderPrices = None,
    against_ref: OlderCommit = None,
    pair_by: PairBy = "prompt",
    config: ConfigFile = None,
    max_increase: MaxIncrease = None,
    min_usd: MinUsd = None,
    min_calls: MinCalls = None,
    alpha: Alpha = None,
    level: Level = None,
    max_unpriced: MaxUnpriced = None,
    max_rejected: MaxRejected = None,
    budget: Budgets = None,
    other_prices: OtherPrices = False,
    allow_no_baseline: AllowNoBaseline = False,
    self_test: SelfTest = False,
    format: CheckFormat = "table",
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
    from costsim.app import config as project
    from costsim.app.asked import Asked
    from costsim.app.gate import check as use_case
    from costsim.app.gate import check_policy
    from costsim.app.gate.baseline import pairs_of
    from costsim.app.reading import Reading
    from costsim.cli.endings import check_writable
    from costsim.cli.progress import progress
    from costsim.errors import UsageError
    from costsim.summary.gate import limits

    if self_test:
        _prove(out)
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
    _end(verdict, top, out, quiet)


def _prove(out: Path | None) -> None:
    from costsim.app.gate.self_test import self_test
    from costsim.cli.endings import write

    write("".join(f"{line}\n" for line in self_test()), out)


def _end(verdict: "Verdict", top: int, out: Path | None, quiet: bool) -> None:
    """Show a verdict wherever it is wanted, and end with its exit code."""
    from costsim.cli.endings import warn, write
    from costsim.cli.view import view

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
