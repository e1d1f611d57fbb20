"""What a measure hands back, and how it is shown."""

from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Target:
    """A promise and what was measured; a figure that could not be measured is a promise not kept."""

    promise: str
    measured: float | None
    limit: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether the figure is within its limit."""
        return self.measured is not None and self.measured <= self.limit

    def __str__(self) -> str:
        figure = "not measured" if self.measured is None else f"{self.measured:,.2f}{self.unit}"
        return f"{self.promise}: {figure} (at most {self.limit:g}{self.unit})"


@dataclass(frozen=True)
class Result:
    """A table of figures, one row per thing measured, and the targets that they decide."""

    title: str
    rows: dict[str, dict[str, float | None]]
    targets: list[Target] = field(default_factory=list)
    note: str = ""
    failures: list[str] = field(default_factory=list)


def show(console: Console, result: Result) -> None:
    """Prints a result: its table, what failed, and each target."""
    columns = list(dict.fromkeys(column for row in result.rows.values() for column in row))
    table = Table(title=result.title, title_justify="left", title_style="bold", caption=result.note or None)
    table.caption_justify = "left"
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    for name, row in result.rows.items():
        table.add_row(name, *(_cell(row.get(column)) for column in columns))
    console.print(table)
    for failure in result.failures:
        console.print(f"  failed: {failure}", style="red", markup=False)
    for target in result.targets:
        verdict = "[green]met    [/]" if target.met else "[red]not met[/]"
        console.print(f"  {verdict} {target}")
    console.print()


def as_json(result: Result) -> dict[str, object]:
    """A result as plain values."""
    targets = [
        {
            "promise": target.promise,
            "measured": target.measured,
            "limit": target.limit,
            "unit": target.unit.strip(),
            "met": target.met,
        }
        for target in result.targets
    ]
    return {"title": result.title, "rows": result.rows, "targets": targets, "failures": result.failures}


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
