"""`costsim policy`: init, validate, schema, list, show, import and export."""

from pathlib import Path
from typing import Annotated

import typer

from costsim.cli.options import (
    AsOfDay,
    LogFormat,
    Logs,
    MapFile,
    Mode,
    NoProgress,
    Out,
    PriceFiles,
    Quiet,
    Since,
    TaskFile,
    Timezone,
    Until,
    Where,
    Workers,
)  # fmt: skip

policy = typer.Typer(
    name="policy",
    help="Write, check, look at and translate routing policies.",
    epilog="Example: costsim policy validate tiers.yaml",
    no_args_is_help=True,
)


@policy.command("init", epilog="Example: costsim policy init logs/ --out tiers.yaml")
def init(
    logs: Logs = None,
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; it must not exist yet.")] = None,
    log_format: LogFormat = None,
    map_file: MapFile = None,
    tasks: TaskFile = None,
    prices: PriceFiles = None,
    workers: Workers = None,
    quiet: Quiet = False,
    no_progress: NoProgress = False,
) -> None:
    """Write a three-tier policy fitted to the log's own models and tasks, with the reasons beside each line."""
    from costsim.app.policies import drafted as use_case
    from costsim.app.reading import Reading
    from costsim.cli.endings import check_new, warn, write
    from costsim.cli.progress import progress

    check_new(out)
    with progress(not (quiet or no_progress)) as told:
        done = use_case.fitted(logs or [], Reading(log_format, map_file, tasks, workers), prices or [], told)
    write(done.text, out)
    warn([*done.warnings, *([f"{out} is written; costsim simulate --policy {out}"] if out else [])], quiet=quiet)


@policy.command("validate", epilog="Example: costsim policy validate tiers.yaml")
def validate(
    files: Annotated[list[Path], typer.Argument(help="Policy files, or names of ready policies.")],
    prices: PriceFiles = None,
    tasks: Annotated[Path | None, typer.Option("--tasks", help="YAML with task types of your own.")] = None,
    quiet: Quiet = False,
) -> None:
    """Check policy files: every mistake is one line `file:line: what (hint)`, and the exit code is then 2."""
    from costsim.app.policies import files as use_case
    from costsim.cli.endings import warn
    from costsim.cli.shapes import write_anywhere

    fine, warnings = use_case.validated(files, prices or [], tasks)
    warn(warnings, quiet=quiet)
    write_anywhere("".join(f"{line}\n" for line in fine))


@policy.command("diff", epilog="Example: costsim policy diff old.yaml new.yaml logs/")
def diff(
    first: Annotated[Path, typer.Argument(help="A policy file, or the name of a ready policy.")],
    second: Annotated[Path, typer.Argument(help="The one to compare with it.")],
    logs: Logs = None,
    format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    log_format: LogFormat = None,
    map_file: MapFile = None,
    tasks: TaskFile = None,
    prices: PriceFiles = None,
    where: Where = None,
    since: Since = None,
    until: Until = None,
    timezone: Timezone = "UTC",
    as_of: AsOfDay = "logged",
    cost_mode: Mode = "auto",
    workers: Workers = None,
    quiet: Quiet = False,
    no_progress: NoProgress = False,
) -> None:
    """Say what the second policy would cost more or less than the first, route by route, over the same calls."""
    from costsim.app import simulate as use_case
    from costsim.app.asked import Asked
    from costsim.app.reading import Reading
    from costsim.cli.endings import warn
    from costsim.cli.progress import progress
    from costsim.cli.shapes import shape, write_anywhere
    from costsim.reports.simulated import difference

    render = shape(format, difference.SHAPES)
    asked = Asked(
        where=where or [], since=since, until=until, timezone=timezone, prices=prices or [], as_of=as_of,
        cost_mode=cost_mode,
    )  # fmt: skip
    wanted = use_case.Wanted([first, second], controls=False)
    with progress(not (quiet or no_progress)) as told:
        answer = use_case.simulate(logs or [], Reading(log_format, map_file, tasks, workers), asked, wanted, told)
    warn(answer.warnings, quiet=quiet)
    write_anywhere(render(difference.difference(answer.report)))


@policy.command("list", epilog="Example: costsim policy list")
def list_ready() -> None:
    """List the ready policies; each works on any log by its name."""
    from costsim.app.policies import files as use_case
    from costsim.cli.shapes import write_anywhere

    write_anywhere(use_case.listed())


@policy.command("show", epilog="Example: costsim policy show three-tier > mine.yaml")
def show(name: Annotated[str, typer.Argument(help="A ready policy, as `costsim policy list` names it.")]) -> None:
    """Print a ready policy, to begin one of your own with."""
    from costsim.app.policies import files as use_case
    from costsim.cli.shapes import write_anywhere

    write_anywhere(use_case.shown(name))


@policy.command("schema", epilog="Example: costsim policy schema --out policy.schema.json")
def schema(out: Out = None) -> None:
    """Print the JSON Schema of a policy file, with which editors complete and check it while you type."""
    from costsim.app.policies import files as use_case
    from costsim.cli.endings import check_writable, write

    check_writable(out)
    write(use_case.schema(), out)


@policy.command("import", epilog="Example: costsim policy import --from litellm config.yaml --out mine.yaml")
def import_(
    file: Annotated[Path, typer.Argument(help="The other program's configuration, YAML or JSON.")],
    source: Annotated[str, typer.Option("--from", help="litellm, portkey or openrouter.")],
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; it must not exist yet.")] = None,
    prices: PriceFiles = None,
    quiet: Quiet = False,
) -> None:
    """Make a policy of another program's routing configuration; what cannot be carried over is listed."""
    from costsim.app.policies import exchange as use_case
    from costsim.cli.endings import check_new, warn, write

    check_new(out)
    done = use_case.imported(source, file, prices or [])
    write(done.text, out)
    warn(done.lines_of_notes, quiet=quiet)


@policy.command("export", epilog="Example: costsim policy export --to portkey tiers.yaml --out config.json")
def export(
    file: Annotated[Path, typer.Argument(help="A policy file, or the name of a ready policy.")],
    target: Annotated[str, typer.Option("--to", help="litellm, portkey or openrouter.")],
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; it must not exist yet.")] = None,
    prices: PriceFiles = None,
    quiet: Quiet = False,
) -> None:
    """Make another program's routing configuration of a policy; what cannot be carried over is listed."""
    from costsim.app.policies import exchange as use_case
    from costsim.cli.endings import check_new, warn, write

    check_new(out)
    done = use_case.exported(target, file, prices or [])
    write(done.text, out)
    warn(done.lines_of_notes, quiet=quiet)


def add_to(app: typer.Typer) -> None:
    """Make this a group of commands of the application."""
    app.add_typer(policy)
