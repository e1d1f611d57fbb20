"""Options of `costsim check` alone: what a log is compared with, and what counts as dearer."""

from pathlib import Path
from typing import Annotated

import typer

BaselineFile = Annotated[Path | None, typer.Option("--baseline", help="The file that `costsim baseline` wrote.")]
OlderLogs = Annotated[
    list[str] | None, typer.Option("--against", help="Compare with the calls of an older log; may repeat.")
]
ReplayedPolicy = Annotated[
    Path | None, typer.Option("--policy", help="Replay the log under this policy, instead of judging its own cost.")
]
OlderPolicy = Annotated[
    Path | None, typer.Option("--against-policy", help="The policy before the change; without: as logged.")
]
OlderPrices = Annotated[
    list[Path] | None, typer.Option("--against-prices", help="Price files before the change; may repeat.")
]
OlderCommit = Annotated[
    str | None, typer.Option("--against-ref", help="Read --policy and --prices as they were in this git commit.")
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Thresholds, budgets, logs; by default costsim.yaml here.")
]
MaxIncrease = Annotated[
    float | None, typer.Option("--max-increase", help="Per cent per call that a route may get dearer (5).")
]
MinUsd = Annotated[
    float | None, typer.Option("--min-usd", help="Dollars a month below which nothing is a regression (1).")
]
MinCalls = Annotated[int | None, typer.Option("--min-calls", help="Calls that a route needs in both logs (30).")]
Alpha = Annotated[float | None, typer.Option("--alpha", help="Rate of false alarms over all routes together (0.05).")]
Level = Annotated[str | None, typer.Option("--level", help="What a regression does: fail, warn or off.")]
MaxUnpriced = Annotated[float | None, typer.Option("--max-unpriced", help="Share of calls (0.01).")]
MaxRejected = Annotated[float | None, typer.Option("--max-rejected", help="Share of lines (0.05).")]
Budgets = Annotated[
    list[str] | None,
    typer.Option("--budget", help="month=500, day=20, user=5, route:NAME=100, call=0.05, call:ROUTE=0.02; repeats."),
]
OtherPrices = Annotated[
    bool, typer.Option("--other-prices", help="Compare with a baseline that another price table priced.")
]
AllowNoBaseline = Annotated[bool, typer.Option("--allow-no-baseline", help="No baseline yet is no failure.")]
SelfTest = Annotated[
    bool, typer.Option("--self-test", help="Prove on built-in data that this gate can fail; no log is read.")
]
CheckFormat = Annotated[str, typer.Option("--format", help="table, json, markdown, github, gitlab, junit or sarif.")]
