"""When a model is no longer served, from what the model says and from its provider's rules."""

from costsim.prices.compiling.rules import matching
from costsim.prices.sheets.sheet import ModelSheet, ProviderSheet, Retirement

_NOTHING = Retirement(match=[])


def retirement_of(sheet: ProviderSheet, model: ModelSheet) -> Retirement:
    """Return the day from which a model is no longer served, if one is known, and who says so.

    A day of the model's own, which comes from a price list, stands without a source.
    """
    if model.retires is not None:
        return Retirement(match=[model.model], day=model.retires)
    return next(matching(sheet.retirements, model.model), _NOTHING)
