"""Understanding price files, and laying later ones over earlier ones."""

from collections.abc import Iterable

import msgspec

from costsim.decode import config_error_at, parse_yaml
from costsim.prices.sheets.checks import problems
from costsim.prices.sheets.files import Source
from costsim.prices.sheets.sheet import ModelSheet, ProviderSheet, UserSheet


def read(source: Source) -> ProviderSheet:
    """Return a file's sheet; a ConfigError with file and line for the first thing wrong with it."""
    kind: type[ProviderSheet] = ProviderSheet if source.shipped else UserSheet
    sheet = parse_yaml(source.text, kind, str(source.path))
    for path, what, hint in problems(sheet):
        raise config_error_at(source.text, str(source.path), path, what, hint)
    return sheet


def merged(sheets: Iterable[ProviderSheet]) -> dict[str, ProviderSheet]:
    """Return one sheet per provider; a later file's model takes the place of an earlier one of its name."""
    providers: dict[str, ProviderSheet] = {}
    for sheet in sheets:
        if not sheet.provider:
            continue
        below = providers.get(sheet.provider)
        providers[sheet.provider] = _laid_over(below, sheet) if below else sheet
    return providers


def _laid_over(below: ProviderSheet, above: ProviderSheet) -> ProviderSheet:
    own = {model.model for model in above.models}
    taken = {name.lower() for model in above.models for name in (model.model, *model.names)}
    kept = [_without_names(model, taken) for model in below.models if model.model not in own]
    rest = [glob for glob in below.small_models if glob not in above.small_models]
    return msgspec.structs.replace(
        below,
        models=[*above.models, *kept],
        aliases=[*above.aliases, *(alias for alias in below.aliases if alias.name.lower() not in taken)],
        also=[*below.also, *above.also],
        reports_charge=below.reports_charge or above.reports_charge,
        caching=[*above.caching, *below.caching],
        fees=above.fees or below.fees,
        retirements=[*above.retirements, *below.retirements],
        small_model=above.small_model or below.small_model,
        small_models=above.small_models | {glob: below.small_models[glob] for glob in rest},
    )


def _without_names(model: ModelSheet, taken: set[str]) -> ModelSheet:
    if taken.isdisjoint(name.lower() for name in model.names):
        return model
    return msgspec.structs.replace(model, names=[name for name in model.names if name.lower() not in taken])
