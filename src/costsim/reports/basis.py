"""What the figures rest on, in words: lines, files, prices, tokens; and what is therefore not in them."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from os.path import commonpath
from pathlib import PurePath

import msgspec

from costsim.reports import numbers
from costsim.summary.report import Coverage, Prices, Report, UnpricedModel, Window

_FEW = 3
"""Lines shown of something that can be very long."""
_NAMES = 20
"""Names of files shown one after the other."""
_MODELS = 10
"""Models without a price shown, those with the most calls."""


class Note(msgspec.Struct, frozen=True):
    """A sentence and the lines below it."""

    text: str
    lines: tuple[str, ...] = ()
    warning: bool = False
    """Whether it tells of something that the figures do not hold."""


def of_audit(report: Report, *, show_rejects: bool = False) -> list[Note]:
    """Return what an audit rests on."""
    unsure = report.totals.classified_below_0_6
    return notes(report.coverage, report.window, report.prices, unsure, show_rejects=show_rejects)


def notes(
    coverage: Coverage, window: Window, prices: Prices, unsure: float | None = None, *, show_rejects: bool = False
) -> list[Note]:
    """Return everything a reader must know to trust the figures, in the order in which they are made.

    `unsure`: the share of the cost whose task is not known well.
    """
    return list(
        chain(
            [_lines(coverage)],
            _rejects(coverage, show_rejects),
            _files(coverage),
            _time(window, coverage.calls),
            _pricing(coverage, prices),
            _unpriced(coverage),
            _tokens(coverage),
            _tasks(unsure),
        )
    )


def _lines(coverage: Coverage) -> Note:
    terms = {
        numbers.plural(coverage.duplicates, "duplicate"): coverage.duplicates,
        f"{coverage.rejected:,} rejected": coverage.rejected,
        f"{coverage.not_calls:,} no calls": coverage.not_calls,
        f"{coverage.left_out:,} left out by your conditions": coverage.left_out,
    }
    others = ", ".join(term for term, number in terms.items() if number)
    calls, lines = numbers.plural(coverage.calls, "call"), numbers.plural(coverage.lines, "line")
    found = f"{calls} in {lines}{_of_files(coverage)}"
    return Note(f"{found}: {others}." if others else f"{found}.")


def _of_files(coverage: Coverage) -> str:
    read = {name for source in coverage.sources for name in (source.format, *source.other_formats) if name}
    formats = ", ".join(sorted(read))
    files = len(coverage.sources)
    named = f" ({formats})" if formats else ""
    return f" of {numbers.plural(files, 'file')}{named}" if files else ""


def _rejects(coverage: Coverage, every: bool) -> list[Note]:
    if not coverage.rejected:
        return []
    lines = [f"{reject.where}: {reject.reason}" for reject in coverage.rejects]
    text = f"{numbers.plural(coverage.rejected, 'line')} could not be read:"
    return [Note(text, _few(lines, every, coverage.rejected, "`costsim audit --rejects` shows all"), warning=True)]


def _few(lines: Sequence[str], every: bool, number: int, how: str) -> tuple[str, ...]:
    shown = lines if every else lines[:_FEW]
    left = number - len(shown)
    return (*shown, f"{left:,} more" + ("" if every else f"; {how}")) if left > 0 else tuple(shown)


def _files(coverage: Coverage) -> list[Note]:
    damaged = tuple(f"{source.name}: {source.damage}" for source in coverage.sources if source.damage)
    found = []
    if damaged:
        files = f"{numbers.plural(len(damaged), 'file')} {_is(len(damaged))} damaged"
        found.append(Note(f"{files}; the calls before the damage are counted:", damaged, warning=True))
    if coverage.skipped:
        text = f"{numbers.plural(len(coverage.skipped), 'file')} skipped:"
        found.append(Note(text, tuple(_by_reason(coverage.skipped)), warning=True))
    return found


def _by_reason(skipped: Sequence[str]) -> list[str]:
    """Files that were skipped for one reason together, their names without the folder that they share."""
    names: dict[str, list[str]] = {}
    for each in skipped:
        name, _, reason = each.partition(": ")
        names.setdefault(reason, []).append(name)
    return [f"{_together(each)}: {reason}" for reason, each in names.items()]


def _together(names: Sequence[str]) -> str:
    folder = ""
    with suppress(ValueError):  # some are named from the root, others from here
        folder = commonpath([str(PurePath(name).parent) for name in names]) if len(names) > 1 else ""
    shown = [name.removeprefix(f"{folder}/") if folder else name for name in names[:_NAMES]]
    more = [f"{len(names) - _NAMES:,} more"] if len(names) > _NAMES else []
    return ", ".join([*shown, *more]) + (f" in {folder}" if folder not in ("", ".") else "")


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _time(window: Window, calls: int) -> list[Note]:
    if window.start is None or window.to is None:
        return [Note("The log has no times.")] if calls else []
    start, to = _moment(window.start), _moment(window.to)
    return [Note(f"The calls are of {start} UTC." if start == to else f"The calls are of {start} to {to} UTC.")]


def _moment(time: str) -> str:
    return time[:16].replace("T", " ")


def _pricing(coverage: Coverage, prices: Prices) -> list[Note]:
    if not coverage.calls:
        return []
    reported = f", {coverage.reported:,} of them as the log reports it" if coverage.reported else ""
    priced = numbers.percent(coverage.priced / coverage.calls)
    return [Note(f"{priced} of the calls have a cost{reported}; newest price checked {prices.newest}.")]


def _unpriced(coverage: Coverage) -> list[Note]:
    if not coverage.unpriced:
        return []
    reasons = coverage.unpriced_reasons
    each = [f"{calls:,} {reason}" for reason, calls in reasons.items()]
    why = ", ".join(each) if len(reasons) > 1 else "".join(reasons)
    calls = f"{numbers.plural(coverage.unpriced, 'call')} {_is(coverage.unpriced)} in no amount above"
    found = [Note(f"{calls}: {why}." if why else f"{calls}.", warning=True)]
    if coverage.unpriced_models:
        do = "Models without a price; add it, or the name of a model that has the same, with --prices FILE:"
        shown, left = coverage.unpriced_models[:_MODELS], coverage.unpriced_models[_MODELS:]
        calls = numbers.plural(sum(each.calls for each in left), "call")
        more = [f"{len(left):,} more, {calls}; `costsim audit --format json` has all"] if left else []
        found.append(Note(do, (*map(_model, shown), *more), warning=True))
    return found


def _model(model: UnpricedModel) -> str:
    name = model.model or "(no model named)" + (f" of {model.provider}" if model.provider else "")
    tokens = f"{model.input_tokens:,} input and {model.output_tokens:,} output tokens"
    near = f"; nearest: {', '.join(model.nearest)}" if model.nearest else ""
    return f"{name}: {numbers.plural(model.calls, 'call')}, {tokens}; {model.why}{near}"


def _tokens(coverage: Coverage) -> list[Note]:
    """Where the token counts of the billed calls come from."""
    kinds = {
        "as logged": coverage.tokens_logged,
        "counted here": coverage.tokens_counted,
        "estimated here": coverage.tokens_estimated,
        "not known": coverage.tokens_unknown,
        "impossible in the log": coverage.tokens_invalid,
    }
    kinds = {how: number for how, number in kinds.items() if number}
    billed = sum(kinds.values())
    said = [f"{numbers.percent(number / billed)} {how}" for how, number in kinds.items()]
    text = f"Tokens of billed calls: {', '.join(said)}." if len(kinds) > 1 else f"Tokens {''.join(kinds)}."
    missing = coverage.tokens_unknown + coverage.tokens_invalid > 0
    return [Note(text, warning=missing)] if billed else []


def _tasks(unsure: float | None) -> list[Note]:
    if not unsure:
        return []
    return [Note(f"The task behind {numbers.percent(unsure)} of the cost is known with a confidence below 0.6.")]
