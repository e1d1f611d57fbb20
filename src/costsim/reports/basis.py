"""What the figures rest on, in words: lines, prices, tokens, files; and what is therefore missing from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from costsim.reports import numbers
from costsim.summary.report import Coverage, Report, UnpricedModel

_FEW = 3
"""Lines shown of something that can be very long."""


@dataclass(frozen=True)
class Note:
    """A sentence and the lines below it."""

    text: str
    lines: tuple[str, ...] = ()
    warning: bool = False
    """Whether it tells of something that the figures do not hold."""


def notes(report: Report, *, show_rejects: bool = False) -> list[Note]:
    """Return everything a reader must know to trust the figures, in the order in which they are made."""
    coverage = report.coverage
    return list(
        chain(
            [_lines(coverage)],
            _rejects(coverage, show_rejects),
            _files(coverage),
            _pricing(report),
            _unpriced(coverage),
            _tokens(coverage),
            _tasks(report),
        )
    )


def _lines(coverage: Coverage) -> Note:
    terms = [
        numbers.plural(coverage.duplicates, "duplicate") if coverage.duplicates else "",
        f"{coverage.rejected:,} rejected" if coverage.rejected else "",
        f"{coverage.not_calls:,} no calls" if coverage.not_calls else "",
        f"{coverage.left_out:,} left out by your filters" if coverage.left_out else "",
    ]
    others = ", ".join(term for term in terms if term)
    found = f"{numbers.plural(coverage.calls, 'call')} in {numbers.plural(coverage.lines, 'line')}{_of_files(coverage)}"
    return Note(f"{found}: {others}." if others else f"{found}.")


def _of_files(coverage: Coverage) -> str:
    formats = ", ".join(sorted({source.format for source in coverage.sources if source.format}))
    files = len(coverage.sources)
    named = f" ({formats})" if formats else ""
    return f" of {numbers.plural(files, 'file')}{named}" if files else ""


def _rejects(coverage: Coverage, every: bool) -> list[Note]:
    if not coverage.rejected:
        return []
    lines = [f"{reject.where}: {reject.reason}" for reject in coverage.rejects]
    text = f"{numbers.plural(coverage.rejected, 'line')} could not be read:"
    return [Note(text, _few(lines, every, coverage.rejected, "--rejects shows all"), warning=True)]


def _few(lines: Sequence[str], every: bool, number: int, how: str) -> tuple[str, ...]:
    shown = lines if every else lines[:_FEW]
    left = number - len(shown)
    return (*shown, f"{left:,} more" + ("" if every else f"; {how}")) if left > 0 else tuple(shown)


def _files(coverage: Coverage) -> list[Note]:
    damaged = [f"{each.name}: {each.damage}" for each in coverage.sources if each.damage]
    found = []
    if damaged:
        text = f"{numbers.plural(len(damaged), 'file')} {_is(damaged)} damaged; the calls before the damage are counted:"
        found.append(Note(text, tuple(damaged), warning=True))
    if coverage.skipped:
        text = f"{numbers.plural(len(coverage.skipped), 'file')} {_was(coverage.skipped)} skipped:"
        found.append(Note(text, tuple(coverage.skipped), warning=True))
    return found


def _is(things: Sequence[str]) -> str:
    return "is" if len(things) == 1 else "are"


def _was(things: Sequence[str]) -> str:
    return "was" if len(things) == 1 else "were"


def _pricing(report: Report) -> list[Note]:
    coverage, prices = report.coverage, report.prices
    if not coverage.calls:
        return []
    said = [f"{numbers.percent(coverage.priced / coverage.calls)} of the calls have a cost"]
    if coverage.reported:
        said.append(f"{coverage.reported:,} of them as the log reports it")
    text = ", ".join(said) + f". {_day(prices.as_of)}, newest checked {prices.newest}."
    if coverage.before_first_price:
        text += f" {coverage.before_first_price:,} are older than their model's first known price and have that one."
    return [Note(text)]


def _day(as_of: str) -> str:
    known = {"logged": "List prices of each call's day", "today": "Today's list prices"}
    return known.get(as_of, f"List prices of {as_of}")


def _unpriced(coverage: Coverage) -> list[Note]:
    if not coverage.unpriced:
        return []
    reasons = ", ".join(f"{reason} {calls:,}" for reason, calls in coverage.unpriced_reasons.items())
    text = f"{numbers.plural(coverage.unpriced, 'call')} {_count_is(coverage.unpriced)} in no amount above"
    found = [Note(f"{text}: {reasons}." if reasons else f"{text}.", warning=True)]
    if coverage.unpriced_models:
        lines = tuple(map(_model, coverage.unpriced_models))
        do = "Models without a price; add it, or another name of a model that has one, with --prices FILE:"
        found.append(Note(do, lines, warning=True))
    return found


def _count_is(number: int) -> str:
    return "is" if number == 1 else "are"


def _model(model: UnpricedModel) -> str:
    name = model.model or "(no model named)" + (f" of {model.provider}" if model.provider else "")
    tokens = f"{model.input_tokens:,} input and {model.output_tokens:,} output tokens"
    near = f"; nearest: {', '.join(model.nearest)}" if model.nearest else ""
    return f"{name}: {numbers.plural(model.calls, 'call')}, {tokens}; {model.why}{near}"


def _tokens(coverage: Coverage) -> list[Note]:
    if not coverage.calls:
        return []
    kinds = {
        "counted here": coverage.tokens_counted,
        "estimated here": coverage.tokens_estimated,
        "not known": coverage.tokens_unknown,
        "impossible in the log": coverage.tokens_invalid,
    }
    others = [f"{numbers.percent(number / coverage.calls)} {how}" for how, number in kinds.items() if number]
    logged = f"Tokens as logged for {numbers.percent(coverage.tokens_logged / coverage.calls)} of the calls"
    missing = coverage.tokens_unknown + coverage.tokens_invalid > 0
    return [Note(", ".join([logged, *others]) + ".", warning=missing)]


def _tasks(report: Report) -> list[Note]:
    unsure = report.totals.classified_below_0_6
    if not unsure:
        return []
    return [
        Note(
            f"The tasks behind {numbers.percent(unsure)} of the cost are guessed with a confidence below 0.6."
        )
    ]


def methods(report: Report, shown: int) -> list[str]:
    """Return, for each kind of finding among the first `shown`, how its saving was computed."""
    hows: dict[str, str] = {finding.id: finding.how for finding in report.findings[:shown]}
    return [f"{name}: {how}" for name, how in hows.items()]
