"""From price files to a PriceTable: read, checked, laid over each other, compiled."""

from collections.abc import Sequence
from datetime import date, timedelta

from costsim.decode import config_error_at
from costsim.errors import ConfigError
from costsim.prices.compiling.compile import Compiler
from costsim.prices.fact_columns import columns_of
from costsim.prices.lookup import find
from costsim.prices.sheets.checks import highest
from costsim.prices.sheets.files import Source, named
from costsim.prices.sheets.layers import merged, read
from costsim.prices.sheets.schedule import day_at
from costsim.prices.sheets.sheet import ProviderSheet, UserSheet
from costsim.prices.spelling import plain
from costsim.prices.table import PriceTable, decode_facts
from costsim.prices.units import UNITS


def assemble(found: Sequence[Source], fingerprint: str) -> PriceTable:
    """Return the table of these files; a ConfigError names file and line of the first thing wrong."""
    sheets = [read(source) for source in found]
    own = [sheet for sheet in sheets if isinstance(sheet, UserSheet)]
    compiler = Compiler(discounts=[discount for sheet in own for discount in sheet.discounts])
    for sheet in merged(sheets).values():
        compiler.add(sheet)
    _add_aliases(compiler, found, sheets)
    arrays = compiler.arrays()
    if any((rates > highest(unit)).any() for unit, rates in zip(UNITS, arrays.by_unit, strict=True)):
        raise ConfigError("a discount or region makes a rate absurdly high", where=str(found[-1].path))
    newest = max((day for sheet in sheets for day in _days(sheet)), default=date(1970, 1, 1))
    return PriceTable(
        arrays=arrays,
        fact_columns=columns_of([decode_facts(packed) for packed in compiler.models]),
        book=compiler.names.book,
        models=tuple(compiler.models),
        small_models=compiler.small_models,
        minimums=compiler.minimums,
        quotas=compiler.quotas(),
        newest=newest.isoformat(),
        newest_at=day_at(newest + timedelta(days=1)) - 1,
        hash=fingerprint,
        sources=named(found),
        commitments=tuple(commitment for sheet in own for commitment in sheet.commitments),
    )


def _days(sheet: ProviderSheet) -> list[date]:
    """Every day on which something in the sheet was checked."""
    prices = (price for model in sheet.models for price in model.prices)
    return [day for day in (sheet.checked, *(price.checked for price in prices)) if day]


def _add_aliases(compiler: Compiler, found: Sequence[Source], sheets: Sequence[ProviderSheet]) -> None:
    """Point the user's own names at the models they mean; an unknown meaning is an error in their file."""
    book = compiler.names.book
    for source, sheet in zip(found, sheets, strict=True):
        for name, meaning in sheet.alias.items() if isinstance(sheet, UserSheet) else ():
            if (target := find(book, None, meaning, None)) is None:
                what = f"the alias '{name}' means '{meaning}', which no price file has"
                raise config_error_at(source.text, str(source.path), f"$.alias.{name}", what)
            book.aliases[plain(name)] = target[0]
