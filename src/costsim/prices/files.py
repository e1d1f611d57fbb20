"""Reading price files, shipped and the user's, and laying later ones over earlier ones."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import xxhash

from costsim.decode import config_error_at, parse_yaml
from costsim.errors import ConfigError, nearest
from costsim.prices.checks import problems
from costsim.prices.sheet import ModelSheet, ProviderSheet, UserSheet

SHIPPED = Path(__file__).parent.parent / "pricing"


class Source(msgspec.Struct, frozen=True):
    """One price file, read but not understood yet."""

    path: Path
    content: bytes
    shipped: bool

    @property
    def text(self) -> str:
        """The file's text; a ConfigError where it is not UTF-8."""
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            raise ConfigError(f"cannot be read: {problem}", where=str(self.path)) from problem


def sources(extra: Sequence[Path] = ()) -> list[Source]:
    """Return the shipped files and the user's in the order in which they hold; a folder stands for its YAML files."""
    shipped = [Source(path, path.read_bytes(), True) for path in sorted(SHIPPED.glob("*.yaml"))]
    return shipped + [_user_source(path) for given in extra for path in _files(given)]


def fingerprint(found: Iterable[Source]) -> str:
    """Return a hash over the names and contents of files."""
    state = xxhash.xxh3_128()
    for source in found:
        state.update(f"{source.path.name}\0{source.shipped}\0{len(source.content)}\0".encode())
        state.update(source.content)
    return state.hexdigest()


def read(source: Source) -> ProviderSheet:
    """Return a file's sheet; a ConfigError with file and line for the first thing wrong with it."""
    kind: type[ProviderSheet] = ProviderSheet if source.shipped else UserSheet
    sheet = parse_yaml(source.text, kind, str(source.path))
    for path, what, hint in problems(sheet):
        raise config_error_at(source.text, str(source.path), path, what, hint)
    return sheet


def merged(sheets: Iterable[ProviderSheet]) -> dict[str, ProviderSheet]:
    """Return one sheet per provider; a later file's model takes the place of an earlier one of the same name."""
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
    return msgspec.structs.replace(
        below,
        models=[*above.models, *kept],
        aliases=[*above.aliases, *(alias for alias in below.aliases if alias.name.lower() not in taken)],
        also=[*below.also, *above.also],
        small_model=above.small_model or below.small_model,
    )


def _without_names(model: ModelSheet, taken: set[str]) -> ModelSheet:
    if taken.isdisjoint(name.lower() for name in model.names):
        return model
    return msgspec.structs.replace(model, names=[name for name in model.names if name.lower() not in taken])


def _files(given: Path) -> list[Path]:
    if given.is_dir():
        found = sorted(path for path in given.iterdir() if path.suffix in (".yaml", ".yml"))
        if not found:
            raise ConfigError("no price file in this folder", where=str(given), hint="*.yaml")
        return found
    return [given]


def _user_source(path: Path) -> Source:
    try:
        return Source(path, path.read_bytes(), False)
    except OSError as problem:
        beside = [other.name for other in path.parent.glob("*.y*ml")]
        hint = nearest(path.name, beside) if beside else ""
        raise ConfigError(f"cannot be read: {problem.strerror}", where=str(path), hint=hint) from problem
