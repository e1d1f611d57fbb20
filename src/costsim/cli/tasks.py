"""`costsim tasks`: list the task types, classify texts, and measure against labels."""

from typing import Annotated

import typer

from costsim.cli.options import Out, Quiet, TaskFile

tasks = typer.Typer(
    name="tasks",
    help="The task types that every table is cut by: list them, try them on your texts, measure them on your labels.",
    epilog="Example: costsim tasks classify prompts.jsonl --text-field prompt --system-field system",
    no_args_is_help=True,
)

Texts = Annotated[
    str, typer.Argument(help="A text a line: JSON Lines, CSV with a header, or plain text; - for standard input.")
]
TextField = Annotated[
    str | None, typer.Option("--text-field", help="Field of the text or of a list of messages; else the usual names.")
]
SystemField = Annotated[str | None, typer.Option("--system-field", help="Field of the system prompt; else 'system'.")]
Below = Annotated[float | None, typer.Option("--unknown-below", help="Confidence below which a task is unknown.")]


@tasks.command("list", epilog="Example: costsim tasks list --tasks my_tasks.yaml")
def list_types(
    format: Annotated[str, typer.Option("--format", help="table or json.")] = "table", tasks: TaskFile = None
) -> None:
    """List the task types, with what each means and requests that everybody would call so."""
    from costsim.app.tasks import classified as use_case
    from costsim.cli.shapes import shape, write_anywhere
    from costsim.reports.tasks.types import SHAPES

    render = shape(format, SHAPES)
    write_anywhere(render(use_case.listed(tasks)))


@tasks.command("classify", epilog="Example: costsim tasks classify prompts.csv --text-field question --format csv")
def classify(
    file: Texts,
    text_field: TextField = None,
    system_field: SystemField = None,
    format: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
    tasks: TaskFile = None,
    unknown_below: Below = None,
    out: Out = None,
    quiet: Quiet = False,
) -> None:
    """Print a line for each line of a file, in order: id, task, confidence, complexity, complexity_score.

    A line that cannot be read is told on standard error, and has a line of nulls.
    """
    from itertools import chain

    from costsim.app.tasks import classified as use_case
    from costsim.app.tasks.texts import Fields
    from costsim.cli.endings import check_writable, warn, write_parts
    from costsim.cli.shapes import shape
    from costsim.reports.tasks.lines import HEADS, SHAPES

    render = shape(format, SHAPES)
    check_writable(out, [file])
    use_case.check_threshold(unknown_below)
    bad = use_case.BadLines()
    classifier = use_case.classifier_of(tasks, unknown_below)
    found = use_case.classified(file, Fields(text_field, system_field), classifier, bad)
    write_parts(chain([HEADS[format]], map(render, found)), out)
    warn(bad.warnings("their tasks are null"), quiet=quiet)
    bad.insist(file)


@tasks.command("evaluate", epilog="Example: costsim tasks evaluate labelled.jsonl --label-field task --format json")
def evaluate(
    file: Texts,
    text_field: TextField = None,
    system_field: SystemField = None,
    label_field: Annotated[str, typer.Option("--label-field", help="Field of the right task.")] = "label",
    format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    tasks: TaskFile = None,
    unknown_below: Below = None,
    quiet: Quiet = False,
) -> None:
    """Compare guesses with labels: accuracy, F1, precision and recall by label, confusion and calibration."""
    from costsim.app.tasks import classified as use_case
    from costsim.app.tasks.texts import Fields
    from costsim.cli.endings import warn
    from costsim.cli.shapes import shape, write_anywhere
    from costsim.reports.tasks.quality import SHAPES

    render = shape(format, SHAPES)
    use_case.check_threshold(unknown_below)
    bad = use_case.BadLines()
    classifier = use_case.classifier_of(tasks, unknown_below)
    try:
        found = use_case.evaluated(file, Fields(text_field, system_field, label_field), classifier, bad)
    finally:
        warn(bad.warnings("they are left out"), quiet=quiet)
    write_anywhere(render(found))


def add_to(app: typer.Typer) -> None:
    """Make this a group of commands of the application."""
    app.add_typer(tasks)
