"""Other programs' routing configurations to policy files, and back, with a list of what cannot be carried over."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from costsim import prices as price_tables
from costsim.decode import read_yaml
from costsim.errors import ConfigError, UsageError, nearest
from costsim.policies import loading
from costsim.policies.document import Document
from costsim.policies.foreign import FOREIGN, Program
from costsim.policies.foreign.contract import Models, Notes

_NO_CONFIGURATION = (ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What reading something else than the configuration that was named ends in."""
NOT_CARRIED = "Not carried over, or not as it was:"
_WIDTH = 110


class Exchanged(msgspec.Struct, frozen=True):
    """A configuration as text, and what is not in it."""

    text: str
    notes: Sequence[str]

    @property
    def lines_of_notes(self) -> list[str]:
        """The notes below their heading; nothing where all was carried over."""
        return [NOT_CARRIED, *(f"  {line}" for line in self.notes)] if self.notes else []


def imported(program: str, file: Path, prices: Sequence[Path]) -> Exchanged:
    """Return the policy that another program's configuration is, as YAML that is valid."""
    translator = _program(program, "--from")
    table = price_tables.load(tuple(prices))
    notes = Notes()
    plain = read_yaml(file, Any)
    try:
        document = translator.read(plain, str(file), Models(table), notes)
    except _NO_CONFIGURATION as problem:
        raise ConfigError(f"is no configuration of {program}", where=str(file), hint=f"{problem}") from problem
    head = [f"# From a configuration of {program} ({file.name}).", *_told(notes.lines)]
    text = "\n".join([*head, _yaml(document)])
    loading.read(text, f"{document.name}.yaml", table)
    return Exchanged(text, notes.lines)


def exported(program: str, policy: Path, prices: Sequence[Path]) -> Exchanged:
    """Return a policy as another program's configuration: YAML for LiteLLM, JSON for the others."""
    translator = _program(program, "--to")
    table = price_tables.load(tuple(prices))
    document = loading.read(loading.text_of(policy), str(policy), table)
    notes = Notes()
    plain = _tidy(translator.write(document, Models(table), notes))
    if not plain or plain.get("model_list") == []:
        raise ConfigError(
            f"nothing of it can be carried over to {program}", where=str(policy), hint="; ".join(notes.lines)
        )
    if program != "litellm":
        return Exchanged(msgspec.json.format(msgspec.json.encode(plain), indent=2).decode() + "\n", notes.lines)
    head = [f"# The policy '{document.name}' for {program}.", *_told(notes.lines)]
    return Exchanged("\n".join([*head, _dumped(plain)]), notes.lines)


def _program(name: str, option: str) -> Program:
    if name not in FOREIGN:
        raise UsageError(f"there is no translator for '{name}'", where=option, hint=nearest(name, FOREIGN))
    return FOREIGN[name]


def _told(notes: Sequence[str]) -> list[str]:
    return [f"# {NOT_CARRIED}", *(f"#   {line}" for line in notes)] if notes else []


def _yaml(document: Document) -> str:
    return _dumped(_tidy(msgspec.to_builtins(document)))


def _tidy(plain: Any) -> Any:
    """Plain values as a person writes them: no empty parts, no .0 behind whole numbers."""
    if isinstance(plain, dict):
        return {key: _tidy(value) for key, value in plain.items() if value != {}}
    if isinstance(plain, list):
        return [_tidy(value) for value in plain]
    return int(plain) if isinstance(plain, float) and plain.is_integer() else plain


class _Dumper(yaml.SafeDumper):
    """Items of lists are set in, as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  yaml's signature
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  yaml's signature
        """Parts that are equal are written twice: a person edits one of them."""
        return True


def _dumped(plain: Any) -> str:
    return yaml.dump(plain, Dumper=_Dumper, sort_keys=False, default_flow_style=None, width=_WIDTH, allow_unicode=True)
