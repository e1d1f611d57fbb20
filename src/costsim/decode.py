"""YAML, TOML, JSON to typed objects: a mistake in a user's file is one line with its place, in a log a field less."""

import re
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
import yaml

from costsim.errors import ConfigError, nearest, refusal

T = TypeVar("T")

_PATH_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_MOST_MISFITS = 20
_BOOL = "tag:yaml.org,2002:bool"
_WRONG_WORD = re.compile(r"Invalid enum value '(.*)'$")
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(.+?)`")


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """The safe loader, with duplicate keys as errors: a price stated twice must not silently be the last one.

    Only true and false are yes and no, as in YAML 1.2: `on:` is a word, and NO a country.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _mapping_without_duplicates(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, Hashable):
            raise yaml.MarkedYAMLError(problem="a list or a mapping cannot be a key", problem_mark=key_node.start_mark)
        if key in seen:
            raise yaml.MarkedYAMLError(problem=f"key '{key}' stands here twice", problem_mark=key_node.start_mark)
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


def _with_its_line(build: Callable[[Any, Any], Any], not_it: str) -> Callable[[Any, Any], Any]:
    """How a value is made of a word that looks like one; what cannot be, as a 31st of June, is told with its line."""

    def made(loader: Any, node: yaml.ScalarNode) -> Any:
        try:
            return build(loader, node)
        except (ValueError, KeyError) as problem:
            what, hint = f"'{node.value}' is {not_it}", "a text stands in quotes"
            raise yaml.MarkedYAMLError(problem=what, problem_mark=node.start_mark, note=hint) from problem

    return made


_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_duplicates)
for _tag, _not_it in {
    "timestamp": "no date",
    "int": "no number",
    "float": "no number",
    "bool": "neither true nor false",
}.items():
    _called = f"tag:yaml.org,2002:{_tag}"
    _Loader.add_constructor(_called, _with_its_line(yaml.SafeLoader.yaml_constructors[_called], _not_it))


def is_json(text: str | bytes) -> bool:
    """Return whether a text is one JSON value and nothing else; one of absurd depth is none."""
    try:
        _any_json(text if isinstance(text, bytes) else text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


_any_json = msgspec.json.Decoder(msgspec.Raw).decode  # looks at every character, and makes nothing of it


def _no_hint(_key: str) -> str:
    return ""


def read_yaml(path: Path, kind: type[T], key_meant: Callable[[str], str] = _no_hint) -> T:
    """Return the YAML file as a `kind`; a ConfigError names file, line and what is wrong.

    `key_meant` returns a hint at what an unknown key of the file may mean, empty where it knows none.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"cannot be read: {refusal(problem)}", where=str(path)) from problem
    return parse_yaml(text, kind, str(path), key_meant)


def parse_yaml(text: str, kind: type[T], name: str = "<text>", key_meant: Callable[[str], str] = _no_hint) -> T:
    """Return YAML text as a `kind`; `name` is what errors call it, `key_meant` as for `read_yaml`."""
    try:
        plain = yaml.load(text, Loader=_Loader)  # the loader above is a safe one
    except yaml.MarkedYAMLError as problem:
        line = f":{problem.problem_mark.line + 1}" if problem.problem_mark else ""
        what = "a tab: YAML is indented with spaces" if _is_tab(text, problem) else problem.problem or "is not YAML"
        raise ConfigError(what, where=name + line, hint=problem.note or "") from problem
    except (yaml.YAMLError, ValueError, RecursionError) as problem:  # a control character, lists a thousand deep
        odd = yaml.reader.Reader.NON_PRINTABLE.search(text)
        line = f":{text.count(chr(10), 0, odd.start()) + 1}" if odd else ""
        raise ConfigError(f"is not YAML: {str(problem).splitlines()[0]}", where=name + line) from problem
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as problem:
        path, what, hint = told(str(problem), kind, key_meant)
        raise config_error_at(text, name, path, what, hint) from problem


def _is_tab(text: str, problem: yaml.MarkedYAMLError) -> bool:
    """Whether what YAML stumbled over is an indent with tabs."""
    lines, mark = text.splitlines(), problem.problem_mark
    indent = lines[mark.line][: mark.column + 1] if mark is not None and mark.line < len(lines) else ""
    return "\t" in indent and not indent.strip()


def config_error_at(text: str, name: str, path: str, what: str, hint: str = "") -> ConfigError:
    """Return a ConfigError that points at the line of `path` (as `$.models[3].prices`) in YAML `text`."""
    return ConfigError(what, where=f"{name}:{Lines(text).of(_steps(path))}", hint=hint)


Steps = Sequence[str | int]
"""The way to a place in a file: keys of mappings and places in lists."""


class Lines:
    """On which line of a YAML text each thing stands."""

    def __init__(self, text: str) -> None:
        self._root = yaml.compose(text, Loader=_Loader)  # the one that took the text: others are stricter about tabs

    def of(self, steps: Steps) -> int:
        """Return the 1-based line of what the steps lead to; of the nearest parent where they end in the void."""
        line, node = 1, self._root
        for each in steps:
            found = _step(node, each)
            if found is None:
                break
            line, node = found
        return line


def _steps(path: str) -> list[str | int]:
    return [key or (int(index) if index.isdigit() else index) for key, index in _PATH_STEP.findall(path)]


def parse_toml(text: str, table: Sequence[str], kind: type[T], name: str = "<text>") -> T | None:
    """Return a table of TOML text, such as ("tool", "costsim"), as a `kind`; None where there is no such table."""
    import tomllib  # which few runs need

    try:
        plain: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ConfigError(f"is not TOML: {problem}", where=name) from problem
    for key in table:
        plain = plain.get(key) if isinstance(plain, dict) else None
    if plain is None:
        return None
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as problem:
        _, what, hint = told(str(problem), kind)
        raise ConfigError(what, where=f"{name} [{'.'.join(table)}]", hint=hint) from problem


def told(message: str, kind: Any, key_meant: Callable[[str], str] = _no_hint) -> tuple[str, str, str]:
    """Return what msgspec says of a mistake in a `kind`: where it is, what it is, and a hint."""
    what, _, path = message.partition(" - at `")
    path = path.rstrip("`")
    hint = ""
    if unknown := _UNKNOWN_FIELD.match(what):
        what = f"unknown key '{unknown[1]}'"
        meant = key_meant(unknown[1]) if path in ("", "$") else ""
        hint = meant or nearest(unknown[1], _field_names(kind, _steps(path)))
        path = f"{path}.{unknown[1]}"
    else:
        if wrong := _WRONG_WORD.match(what):
            what, hint = f"unknown value '{wrong[1]}'", nearest(wrong[1], _words_at(kind, _steps(path)))
        what = what[:1].lower() + what[1:]
        what = f"{path.removeprefix('$.')}: {what}" if path not in ("", "$") else what
    return path, what, hint


def _field_names(kind: Any, steps: Steps) -> set[str]:
    """The keys that a mapping at a place inside `kind` may have."""
    structs = (end for end in _ends(kind, steps) if isinstance(end, msgspec.inspect.StructType))
    return {field.encode_name for struct in structs for field in struct.fields}


def _words_at(kind: Any, steps: Steps) -> set[str]:
    """The words that may stand at a place inside `kind`."""
    literals = (end for end in _ends(kind, steps) if isinstance(end, msgspec.inspect.LiteralType))
    return {str(word) for literal in literals for word in literal.values}


def _ends(kind: Any, steps: Steps) -> list[Any]:
    """What may stand at a place inside `kind`; msgspec writes `...` for the keys of a mapping."""
    parts = [msgspec.inspect.type_info(kind)]
    for step in steps:
        parts = [inner for part in parts for each in _one_of(part) for inner in _inside(each, step)]
    return [each for part in parts for each in _one_of(part)]


def _one_of(part: Any) -> Sequence[Any]:
    return part.types if isinstance(part, msgspec.inspect.UnionType) else (part,)


def _inside(part: Any, step: str | int) -> Sequence[Any]:
    if isinstance(part, msgspec.inspect.StructType):
        return [field.type for field in part.fields if field.encode_name == step]
    if isinstance(part, msgspec.inspect.DictType):
        return [part.value_type]
    return [part.item_type] if hasattr(part, "item_type") else []


def _step(node: Any, step: str | int) -> tuple[int, Any] | None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if str(key_node.value) == str(step):
                return key_node.start_mark.line + 1, value_node
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        child = node.value[step]
        return child.start_mark.line + 1, child
    return None


class TolerantDecoder(Generic[T]):
    """JSON to `kind`, in which a field of an unexpected type is as good as absent: the rest of a line is not lost.

    Numbers written as strings are numbers. The quick way is msgspec's typed decoding; only a line that it refuses is
    decoded without types, and each field at fault is taken out of it by the path that msgspec names.
    """

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        self._decode = msgspec.json.Decoder(kind, strict=False).decode

    def decode(self, line: bytes) -> T:
        """Return the line as a `kind`; DecodeError where it is no JSON object, RecursionError where too deep."""
        try:
            return self._decode(line)
        except msgspec.ValidationError:
            pass
        except UnicodeDecodeError:
            return self.decode(line.decode("utf-8", "replace").encode())
        try:
            plain = msgspec.json.decode(line)
        except UnicodeDecodeError:
            plain = msgspec.json.decode(line.decode("utf-8", "replace").encode())
        return self._without_misfits(plain)

    def _without_misfits(self, plain: Any) -> T:
        if not isinstance(plain, dict):
            raise msgspec.DecodeError(f"is JSON, but no object ({type(plain).__name__})")
        for _ in range(_MOST_MISFITS):
            try:
                return self._decode(msgspec.json.encode(plain))
            except msgspec.ValidationError as problem:
                _take_out(plain, str(problem).rpartition(" - at `")[2].rstrip("`"))
        raise msgspec.DecodeError(f"more than {_MOST_MISFITS} fields have types that no such log has")


def _take_out(plain: Any, path: str) -> None:
    """Remove what stands at `path`; for `[...]`, any item of a list, the list."""
    parent, last, begun = None, None, ""
    for key, index in _PATH_STEP.findall(path):
        if index == "...":
            break
        begun += key
        if key and begun not in plain:
            begun += "."  # a name that has a dot in it
            continue
        parent, last, begun = plain, begun if key else int(index), ""
        plain = plain[last]
    if parent is None:
        raise msgspec.DecodeError("is JSON, but no object of a log")
    del parent[last]
