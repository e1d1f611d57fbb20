"""When models were retired, where the providers' pages say more than the two lists do, or other days."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from costsim.decode import read_yaml
from costsim.prices.compiling.rules import matching
from costsim.prices.sheets.sheet import ProviderSheet, Retirement

RETIREMENTS: dict[str, list[Retirement]] = read_yaml(
    Path(__file__).with_name("retirements.yaml"), dict[str, list[Retirement]]
)


def with_retirements(sheet: ProviderSheet) -> ProviderSheet:
    """Return a provider's file with its rules; a model that one of them matches has no day of a list's besides.

    ValueError: a glob matches no model, so it is a slip or the lists have forgotten the model.
    """
    rules = RETIREMENTS.get(sheet.provider, [])
    if idle := [*_idle(rules, sheet)]:
        raise ValueError(f"{sheet.provider}: no model matches {', '.join(idle)}")
    models = [replace(model, retires=None) if any(matching(rules, model.model)) else model for model in sheet.models]
    return replace(sheet, models=models, retirements=rules)


def _idle(rules: list[Retirement], sheet: ProviderSheet) -> Iterator[str]:
    for rule in rules:
        for glob in rule.match:
            alone = [replace(rule, match=[glob])]
            if not any(any(matching(alone, model.model)) for model in sheet.models):
                yield glob
