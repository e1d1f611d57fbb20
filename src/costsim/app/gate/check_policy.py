"""One log under the policy and prices of a change, and of what it changes: no new traffic is needed, and no noise."""

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec.structs import replace

from costsim import prices
from costsim.app import warnings
from costsim.app.asked import Asked, understood
from costsim.app.gate.check import Verdict, check_format
from costsim.app.policies.files import loaded, with_decisions
from costsim.app.reading import Progress, Reading, calls_of
from costsim.errors import EvidenceError, UsageError
from costsim.policies import ready
from costsim.prices import PriceTable
from costsim.summary.gate.budgets import groupings_of
from costsim.summary.gate.judge import judge
from costsim.summary.gate.limits import Limits
from costsim.summary.gate.replayed import Version, replay


class Change(msgspec.Struct, frozen=True):
    """The policy and price files of a change, and those before it; None: the same as after it."""

    policy: Path | None = None
    against_policy: Path | None = None
    against_prices: Sequence[Path] | None = None
    against_ref: str | None = None
    """A commit or branch that has the files as they were."""

    @property
    def is_one(self) -> bool:
        """Whether anything is asked for."""
        return self != Change()


def check(
    logs: Sequence[str],
    reading: Reading,
    asked: Asked,
    change: Change,
    limits: Limits,
    progress: Progress = lambda _done, _total: None,
) -> Verdict:
    """Return whether the same calls would be dearer after the change."""
    check_format(asked.format)
    question = understood(asked)
    with _before(change, asked.prices) as before:
        table = prices.load(tuple(asked.prices))
        old_table = prices.load(tuple(before.against_prices)) if before.against_prices is not None else table
        old, new = _version(before.against_policy, old_table, reading), _version(change.policy, table, reading)
        names = (_name(before.against_policy, change), _name(change.policy, None))
        with calls_of(logs, reading, progress) as store:
            found = replay(store, question, old, new, reading.workers, groupings_of(limits.budgets))
            sides = [
                found.side(place, store.manifest, each.prices, question.as_of_said)
                for place, each in ((1, old), (3, new))
            ]
    said = judge(sides[0], sides[1], limits, found.spending(), names=names, replayed=found.parts())
    told = [warning for each in (old, new) if each.policy for warning in each.policy.warnings]
    return Verdict(said, asked.format, [*dict.fromkeys(told), *warnings.of(store.manifest)])


def _version(path: Path | None, table: PriceTable, reading: Reading) -> Version:
    if path is None:
        return Version(None, table)
    (policy,), decisions = with_decisions(loaded([path], table, reading.tasks), table)
    return Version(policy, table, decisions)


def _name(path: Path | None, change: Change | None) -> str:
    name = "as logged" if path is None else str(path)
    if change is None or not change.against_ref:
        return name
    return f"{change.policy or name} of {change.against_ref}"


@contextmanager
def _before(change: Change, price_files: Sequence[Path]) -> Iterator[Change]:
    """The files before the change; those of a commit are put into a folder for as long as they are needed."""
    if change.against_ref is None:
        same = change.against_policy is None and change.against_prices is not None
        yield replace(change, against_policy=change.policy if same else change.against_policy)
        return
    if change.policy is None and not price_files:
        raise UsageError("names no file", where="--against-ref", hint="with --policy FILE or --prices FILE")
    with tempfile.TemporaryDirectory(prefix="costsim-") as folder:
        policy = change.against_policy or change.policy
        is_ready = policy is not None and str(policy) in ready.READY and not policy.exists()
        if is_ready and policy == change.policy and not price_files:
            raise UsageError(
                f"the ready policy '{policy}' is the same in every commit", where="--against-ref",
                hint="name a policy file, or --prices FILE",
            )  # fmt: skip
        if policy is not None and not is_ready:
            policy = _of_ref(change.against_ref, policy, Path(folder) / "policy")
        tables = [
            _of_ref(change.against_ref, each, Path(folder) / str(number)) for number, each in enumerate(price_files)
        ]
        yield replace(change, against_policy=policy, against_prices=tables if price_files else None)


def _of_ref(ref: str, path: Path, folder: Path) -> Path:
    """A file as it stands in a commit; EvidenceError where it is not there, UsageError for an unknown commit."""
    if ref.startswith("-"):
        raise UsageError(f"'{ref}' is no commit", where="--against-ref")
    where = path.resolve()
    _git(["rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"], where.parent, UsageError(
        f"git knows no '{ref}' here", where="--against-ref", hint="git fetch it first"))  # fmt: skip
    content = _git(["show", f"{ref}:./{where.name}"], where.parent, EvidenceError(
        f"is not in {ref}", where=str(path), hint="there is nothing to compare it with yet"))  # fmt: skip
    folder.mkdir()
    found = folder / where.name
    found.write_bytes(content)
    return found


def _git(arguments: Sequence[str], folder: Path, otherwise: UsageError | EvidenceError) -> bytes:
    if not folder.is_dir():
        raise otherwise
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    except OSError as problem:
        raise UsageError("git is not installed", where="--against-ref") from problem
    if done.returncode:
        raise otherwise
    return done.stdout
