"""Everything wrong in price files, each as one line: `file:line: what (hint)`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from costsim.decode import config_error_at, parse_yaml
from costsim.errors import ConfigError
from costsim.prices.compiling.assemble import assemble
from costsim.prices.sheets.checks import problems
from costsim.prices.sheets.files import Source, sources
from costsim.prices.sheets.sheet import ProviderSheet, UserSheet


def lint(paths: Sequence[Path] = ()) -> list[str]:
    """Return everything wrong in these files, or in the shipped ones where none are given."""
    found = sources(paths)
    own = [source for source in found if not source.shipped] or found
    lines = [line for source in own for line in _problems_of(source)]
    return lines or (_together(found) if any(b"alias:" in source.content for source in own) else [])


def _problems_of(source: Source) -> Iterator[str]:
    """What is wrong with one file by itself; a file of the wrong shape shows only its first mistake."""
    kind: type[ProviderSheet] = ProviderSheet if source.shipped else UserSheet
    try:
        text = source.text
        sheet = parse_yaml(text, kind, str(source.path))
    except ConfigError as problem:
        yield str(problem)
        return
    for path, what, hint in problems(sheet):
        yield str(config_error_at(text, str(source.path), path, what, hint))


def _together(found: Sequence[Source]) -> list[str]:
    """What is wrong only because of another file: the user's name for something that no file has."""
    try:
        assemble(found, "")
    except ConfigError as problem:
        return [str(problem)]
    return []
