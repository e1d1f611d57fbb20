"""What the figures of an audit rest on, in sentences."""

from collections.abc import Iterator, Mapping, Sequence

from costsim.schema import PARTIAL
from costsim.summary import noise, sampled, undated
from costsim.summary.audit_sums import AuditSums
from costsim.summary.findings.contract import Case
from costsim.summary.question import Question
from costsim.summary.report import Coverage, Totals
from costsim.summary.sums import Basis, Sums
from costsim.summary.words import number


def of(
    sums: AuditSums, coverage: Coverage, totals: Totals, cases: Mapping[str, Sequence[Case]], question: Question
) -> list[str]:
    """Return the assumptions that made a difference in this report."""
    basis = sums.basis
    costs = [*_costs(basis.basis, coverage, question), *sampled.said(basis.sampled), *_month(basis.basis, totals)]
    return [*costs, *_allowances(sums, question), *_tokens(basis, coverage), *_savings(sums, cases, question)]


def _costs(basis: Basis, coverage: Coverage, question: Question) -> Iterator[str]:
    billed = basis.computed - basis.unbilled
    if question.mode == "reported":
        yield "Costs are what the log reports; a call without a reported cost is in no amount."
    else:
        day = {"logged": "of each call's own day", "today": "of today"}.get(
            question.as_of_said, f"of {question.as_of_said}"
        )
        yield f"List prices {day}; discounts of yours are not in them unless --prices says so."
    if question.mode == "auto" and coverage.reported > basis.charged:
        yield f"{number(coverage.reported - basis.charged, 'call')} without a list price cost what the log reports."
    if question.mode == "auto" and basis.charged:
        yield f"{number(basis.charged, 'call')} through a router cost what it charged, not its list price."
    if basis.unbilled:
        free = number(basis.unbilled, "call")
        yield f"{free} that the provider refused, or a cache of the gateway answered, cost nothing."
    if question.mode == "reported" or billed <= 0:
        return
    if coverage.before_first_price:
        older = f"{number(coverage.before_first_price, 'call')} older than the model's first known price"
        yield f"{older} cost what that price says."
    if basis.without_tier:
        yield f"{number(basis.without_tier, 'call')} without a service tier in the log: standard prices."
    if basis.without_time and question.as_of.at is None:
        yield f"{number(basis.without_time, 'call')} without a time in the log: the newest prices."
    if basis.writes_without_lifetime:
        writes = number(basis.writes_without_lifetime, "call")
        yield f"{writes} with cache writes whose lifetime the log does not name: the model's shortest one."


def _month(basis: Basis, totals: Totals) -> Iterator[str]:
    if totals.monthly_usd is not None and basis.undated:
        yield undated.said(basis.undated, basis.undated_cost)


def _allowances(sums: AuditSums, question: Question) -> Iterator[str]:
    if sums.used.tally.groups:
        chosen = "" if question.selection.everything else " They are set against the chosen calls alone."
        yield f"Fees and free quotas are no call's own, and in none of the tables.{chosen}"


def _tokens(sums: Sums, coverage: Coverage) -> Iterator[str]:
    if coverage.tokens_counted:
        yield f"Tokens of {number(coverage.tokens_counted, 'call')} were counted here with the model's own encoding."
    if unfinished := sums.bases[PARTIAL]:
        said = number(unfinished, "call")
        yield f"Output of {said} was logged before the answer ended, and is too low; see --estimate-unfinished."
    if coverage.tokens_estimated:
        estimated = number(coverage.tokens_estimated, "call")
        yield f"Tokens of {estimated} were estimated from the length of the text (about 10 % off)."


def _savings(sums: AuditSums, cases: Mapping[str, Sequence[Case]], question: Question) -> Iterator[str]:
    savings = [case.saving for found in cases.values() for case in found]
    if not savings:
        return
    if question.mode == "reported":
        yield "Savings are at list price, whatever the log reports."
    yield "Savings assume that another model or a shorter prompt would have used the same tokens otherwise."
    yield (
        "Each saving stands alone. Together, what need not be sent comes first, a cheaper model for what is left, "
        "the batch price for the rest of that: no dollar is saved twice."
    )
    least = noise.least(sums.groups.totals()["cost"])
    small = [saving for saving in savings if saving < least]
    if small:
        yield (
            f"{number(len(small), 'saving')} below {noise.dollars(least)} ({noise.dollars(sum(small))} together) "
            f"{'is' if len(small) == 1 else 'are'} not listed: under 0.1 % of the cost, or a cent."
        )
    yield "Tasks are guessed from the instruction and the request's shape; a map of yours wins over the guess."
