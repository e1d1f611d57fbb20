"""`costsim prices`: list, show, lint, diff and import."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from costsim.cli.options import PriceFiles

if TYPE_CHECKING:
    from costsim.reports.prices.rate_card import RateCard

prices = typer.Typer(
    name="prices",
    help="Look at the prices, check your own price files, compare two, and take in another project's list.",
    epilog="Example: costsim prices show gpt-5.5 --tier batch --input-tokens 300000 --why",
    no_args_is_help=True,
)

Provider = Annotated[str | None, typer.Option("--provider", help="Only this provider, such as openai or bedrock.")]
Day = Annotated[
    str, typer.Option("--as-of", help="today, a day such as 2025-06-01, or a time such as 2025-06-01T18:00 (UTC).")
]


@prices.command("list", epilog="Example: costsim prices list --provider anthropic --mode chat --format csv")
def list_models(
    provider: Provider = None,
    mode: Annotated[str | None, typer.Option("--mode", help="Only chat, embedding, rerank ... models.")] = None,
    format: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
    as_of: Day = "today",
    prices: PriceFiles = None,
) -> None:
    """List models with their standard rates per million tokens, context window, and since when they hold."""
    from costsim.app.prices import lists as use_case
    from costsim.cli.shapes import shape, write_anywhere
    from costsim.reports.prices.lines import LIST

    render = shape(format, LIST)
    write_anywhere(render(use_case.listed(provider, mode, as_of, prices or [])))


@prices.command("show", epilog="Example: costsim prices show gpt-5.5 --tier priority --input-tokens 300000 --why")
def show(
    model: Annotated[str, typer.Argument(help="A model's name in any spelling that logs use, or provider/model.")],
    provider: Annotated[str | None, typer.Option("--provider", help="The provider that serves it.")] = None,
    as_of: Day = "today",
    tier: Annotated[str, typer.Option("--tier", help="standard, batch, flex, priority, fast ...")] = "standard",
    input_tokens: Annotated[
        int, typer.Option("--input-tokens", min=0, help="Size of the whole prompt; long ones may cost more.")
    ] = 0,
    region: Annotated[str | None, typer.Option("--region", help="Region as the log says it, such as us.")] = None,
    why: Annotated[bool, typer.Option("--why", help="Say everything that decided, and who else sells it.")] = False,
    format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    prices: PriceFiles = None,
) -> None:
    """Show a model's rates for one request, why these, their source, and their history."""
    from functools import partial

    from costsim.app.prices import rate_card as use_case
    from costsim.cli.shapes import shape, write_anywhere
    from costsim.reports.prices import lines as price_lines

    shapes: dict[str, Callable[[RateCard], str]] = {
        "table": partial(price_lines.card_as_table, why=why),
        "json": price_lines.as_json,
    }
    render = shape(format, shapes)
    write_anywhere(
        render(use_case.shown(use_case.RateQuestion(model, provider, as_of, tier, input_tokens, region, prices or [])))
    )


@prices.command("lint", epilog="Example: costsim prices lint my_prices.yaml")
def lint(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Price files or folders. Without any: the prices that costsim ships.")
    ] = None,
) -> None:
    """Check price files: every mistake is one line `file:line: what (hint)`, and the exit code is then 2."""
    from costsim.app.prices import lists as use_case
    from costsim.cli.shapes import write_anywhere
    from costsim.errors import ConfigError

    problems, fine = use_case.checked(paths or [])
    write_anywhere("".join(f"{line}\n" for line in problems) or f"{fine}\n")
    if problems:
        raise ConfigError("1 problem" if len(problems) == 1 else f"{len(problems):,} problems", where="prices lint")


@prices.command("diff", epilog="Example: costsim prices diff shipped my_prices.yaml --format markdown")
def diff(
    before: Annotated[str, typer.Argument(help="A price file, a folder of them, or 'shipped'.")],
    after: Annotated[str, typer.Argument(help="What to compare it with, likewise.")],
    format: Annotated[str, typer.Option("--format", help="table, json or markdown.")] = "table",
) -> None:
    """Say which models were added or removed and which rates changed, old -> new, from one price file to another."""
    from costsim.app.prices import difference as use_case
    from costsim.cli.shapes import shape, write_anywhere
    from costsim.reports.prices.changes import DIFFERENCE

    render = shape(format, DIFFERENCE)
    write_anywhere(render(use_case.difference(before, after)))


@prices.command("import", epilog="Example: costsim prices import --from litellm model_prices.json --out my_prices")
def import_(
    file: Annotated[Path, typer.Argument(help="The list, as its project publishes it (JSON).")],
    source: Annotated[str, typer.Option("--from", help="litellm, genai-prices, models.dev or openrouter.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of YAML files to add to. Without it: only say what is new.")
    ] = None,
    format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """Take another project's price list into YAML files; a price that was once true is never changed or removed.

    A provider that the folder has no file for begins with the shipped one, so that its history is kept.
    """
    from costsim.app.prices import importing as use_case
    from costsim.cli.shapes import shape, write_anywhere
    from costsim.reports.prices.changes import TAKEN

    render = shape(format, TAKEN)
    write_anywhere(render(use_case.taken_in(source, file, out)))


def add_to(app: typer.Typer) -> None:
    """Make this a group of commands of the application."""
    app.add_typer(prices)
