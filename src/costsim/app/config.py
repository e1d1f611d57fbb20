"""costsim.yaml, or [tool.costsim] in pyproject.toml: which logs are meant where none are named, when a change fails."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from costsim.decode import parse_toml, parse_yaml
from costsim.errors import ConfigError, refusal
from costsim.summary.gate.limits import Limits

FILE, PROJECT = "costsim.yaml", "pyproject.toml"
TABLE = ("tool", "costsim")


class Config(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a project says once, so that commands need not."""

    logs: str | list[str] = []
    """Files, folders or globs, from the folder of the file."""
    check: Limits = msgspec.field(default_factory=Limits)


def read(path: Path | None = None) -> Config:
    """Return the configuration in a file; of the working folder's where None is named, the YAML before the TOML.

    ConfigError names file, line and mistake.
    """
    found = [path] if path is not None else [Path(name) for name in (FILE, PROJECT) if Path(name).is_file()]
    for file in found:
        config = _read(file)
        if config is not None:
            return config
    return Config()


def _read(file: Path) -> Config | None:
    """The configuration in a file; None of a TOML file that has no table for it."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"cannot be read: {refusal(problem)}", where=str(file)) from problem
    if file.suffix == ".toml":
        config = parse_toml(text, TABLE, Config, str(file))
    else:
        config = parse_yaml(text if text.strip() else "{}", Config, str(file))
    if config is not None:
        named = [config.logs] if isinstance(config.logs, str) else config.logs
        config.logs = [str(file.parent / name) for name in named]
    return config


def logs_of(logs: Sequence[str] | None, config: Config | None = None) -> Sequence[str]:
    """Return the logs that a user named, else those of the configuration; none: the calls of the last run are meant."""
    return logs or (read() if config is None else config).logs
