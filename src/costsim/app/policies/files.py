"""Policy files, checked and listed."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from costsim import prices as price_tables
from costsim.errors import ConfigError, ConfigMistakesError, UsageError, nearest
from costsim.policies import ready
from costsim.policies.json_schema import json_schema
from costsim.policies.loading import load
from costsim.policies.naming import name_of
from costsim.policies.policy import Policy
from costsim.prices import PriceTable
from costsim.replay.decisions import Decisions
from costsim.tasks import TASKS, read_map


def validated(
    files: Sequence[Path], prices: Sequence[Path], own_tasks: Path | None = None
) -> tuple[list[str], list[str]]:
    """Return a line for each policy, and warnings; ConfigMistakesError tells all mistakes of all files."""
    table = price_tables.load(tuple(prices))
    policies, _ = with_decisions(loaded(files, table, own_tasks), table)
    fine = [f"{file}: {_said(policy)}" for file, policy in zip(files, policies, strict=True)]
    return fine, [warning for policy in policies for warning in policy.warnings]


def loaded(files: Sequence[Path], table: PriceTable, own_tasks: Path | None = None) -> list[Policy]:
    """Return the policies of files, or ready ones; ConfigMistakesError tells all mistakes of all files."""
    tasks = task_types(own_tasks)
    found: list[Policy] = []
    mistakes: list[ConfigError] = []
    for file in files:
        try:
            found.append(load(file, table, tasks))
        except ConfigMistakesError as problem:
            mistakes += problem.problems
        except ConfigError as problem:
            mistakes.append(problem)
    if mistakes:
        raise ConfigMistakesError(mistakes)
    return found


def told_apart(policies: Sequence[Policy]) -> list[Policy]:
    """Return the policies, those of one name called by their file too: reports show policies by name."""
    names = Counter(policy.name for policy in policies)
    return [
        replace(policy, name=f"{policy.name} ({policy.source})") if names[policy.name] > 1 else policy
        for policy in policies
    ]


def with_decisions(policies: Sequence[Policy], table: PriceTable) -> tuple[list[Policy], Decisions]:
    """Return the policies, each with the models of the files of decisions that it names, and what these decide."""
    found, known = [], Decisions()
    for policy in policies:
        files = [rule.route.decisions for rule in policy.rules if rule.route.decisions]
        for file in files:
            if file not in known:
                known.read(file, table)
        chosen = dict.fromkeys(model for file in files for model in known.chosen(file))
        found.append(
            replace(policy, decided=tuple(name_of(model, table) or table.book.keys[model] for model in chosen))
        )
    return found, known


def task_types(own: Path | None) -> tuple[str, ...]:
    """Return the task types that there are: the shipped ones, and those of the user's `--tasks` file."""
    return (*TASKS, *(read_map(own).types if own else ()))


def _said(policy: Policy) -> str:
    parts = [
        _counted(len(policy.rules), "rule"),
        _counted(len(policy.tiers), "tier"),
        _counted(len(policy.models()), "model"),
    ]
    return f"'{policy.name}' is valid: {', '.join(parts)}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed() -> str:
    """Return the ready policies, a line each with what it does."""
    width = max(map(len, ready.READY))
    return "".join(f"{name:<{width}}  {does}\n" for name, does in ready.READY.items())


def shown(name: str) -> str:
    """Return the YAML of a ready policy."""
    if name not in ready.READY:
        raise UsageError(f"there is no ready policy '{name}'", hint=nearest(name, ready.READY))
    return ready.text_of(name)


def schema() -> str:
    """Return the JSON Schema of a policy file."""
    return msgspec.json.format(msgspec.json.encode(json_schema()), indent=2).decode() + "\n"
