"""Options that several commands share, each with its help; `from costsim.cli.options import ...` keeps them alike."""

from pathlib import Path
from typing import Annotated

import typer

_SOME_LOGS = "Files, folders, globs, or - for standard input; packed files (.gz .zst .bz2 .xz) as they are."

Logs = Annotated[list[str] | None, typer.Argument(help=f"{_SOME_LOGS} Without any: the calls of the last run here.")]
NamedLogs = Annotated[
    list[str] | None,
    typer.Argument(help=f"{_SOME_LOGS} Without any: those named in costsim.yaml, else the calls of the last run here."),
]
NeededLogs = Annotated[list[str] | None, typer.Argument(help=_SOME_LOGS)]
LogFormat = Annotated[
    str | None, typer.Option("--log-format", help="Read every file as this format (see `costsim formats`).")
]
MapFile = Annotated[
    Path | None,
    typer.Option("--map", help="YAML that says which column means what (`costsim formats --init-map FILE`)."),
]
TaskFile = Annotated[
    Path | None,
    typer.Option(
        "--tasks", help="YAML that maps routes, tags, system prompts or operations to tasks; it wins over guessing."
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where", help="Only calls with this value, such as route=a; a second route=b: either; a user=c: both."
    ),
]
Since = Annotated[str | None, typer.Option("--since", help="Only calls from this day or time on.")]
Until = Annotated[
    str | None, typer.Option("--until", help="Only calls before this day or time: the day itself is left out.")
]
Timezone = Annotated[str, typer.Option("--timezone", help="Zone of days, --since and --until.")]
Top = Annotated[int, typer.Option("--top", min=1, help="Rows per table.")]
Agents = Annotated[
    bool, typer.Option("--agents", help="Read the logs of coding agents in your home too (Claude Code, Codex ...).")
]
EstimateUnfinished = Annotated[
    bool,
    typer.Option(
        "--estimate-unfinished", help="Estimate output tokens from the text where a coding agent's log stops too early."
    ),
]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Processes; all cores by default.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write to this file instead of standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no warnings.")]
NoProgress = Annotated[bool, typer.Option("--no-progress", help="No progress bar.")]
PriceFiles = Annotated[
    list[Path] | None, typer.Option("--prices", help="Your own prices: a YAML file or folder; may repeat, later wins.")
]
AsOfDay = Annotated[
    str, typer.Option("--as-of", help="Whose prices: logged (of each call's day), today, or a day such as 2026-10-01.")
]
Mode = Annotated[
    str,
    typer.Option(
        "--cost-mode", help="computed (from prices), reported (from the log), or auto (computed, else reported)."
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Rejected lines, damaged files and calls without a price are errors: exit 3.")
]
