"""The JSON Schema of a policy file, from the structs that it is read into and the table of operators."""

from typing import Any

import msgspec

from costsim.policies.conditions import SHARE, VOCABULARY
from costsim.policies.document import Document
from costsim.policies.kinds import Kind, kind_of, known_columns
from costsim.policies.operators import OPERATORS
from costsim.policies.routes import WAYS
from costsim.prices import TIERS
from costsim.tasks import TASKS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TARGET = ("model", "tier")
_ONE_OF: dict[str, tuple[str, ...]] = {
    "Route": tuple(WAYS),
    "Target": _TARGET,
    "Portion": _TARGET,
    "Then": (*_TARGET, "as_logged"),
    "Budget": ("tokens", "usd"),
}
"""Structs of which exactly one of some keys must be said."""
_OPTIONAL_WHEN = ("Rule", "ResponseCache", "Batch")
_DURATION = {"type": "string", "pattern": "^[0-9]{1,9}[smhd]$", "examples": ["5m", "1h", "24h"]}
_TIME = {"type": "string", "examples": ["2026-10-01", "2026-10-01T08:00"]}
_VALUES: dict[Kind, dict[str, Any]] = {
    "word": {"type": "string"},
    "tag": {"type": ["string", "number", "boolean"]},
    "number": {"type": "number"},
    "money": {"type": "number", "description": "USD"},
    "time": _TIME,
    "flag": {"type": "boolean"},
    "hash": {},
}


def json_schema() -> dict[str, Any]:
    """Return the schema as plain values; editors complete columns, operators, tasks and keys with it."""
    (root,), parts = msgspec.json.schema_components([Document], ref_template="#/$defs/{name}")
    _as_numbers(parts)
    for name in _OPTIONAL_WHEN:
        parts[name]["properties"]["when"] = {"$ref": "#/$defs/Conditions"}
    for name, keys in _ONE_OF.items():
        parts[name]["oneOf"] = [{"required": [key]} for key in keys]
    parts["Route"]["properties"]["service_tier"] = {"enum": list(TIERS)}
    parts["ResponseCache"]["properties"]["ttl"] = _DURATION
    by_name = {"type": "object", "additionalProperties": _DURATION, "description": "By model or tier."}
    parts["PromptCache"]["properties"]["ttl"] = {"anyOf": [_DURATION, by_name]}
    parts["Document"]["patternProperties"] = {"^x-": {"description": "Yours, such as what anchors point to."}}
    parts["Conditions"] = _conditions()
    parts |= {f"Of{kind.capitalize()}": _of(_VALUES[kind], kind) for kind in _VALUES}
    return {"$schema": _DIALECT, "title": "A routing policy of costsim", **root, "$defs": parts}


def _as_numbers(schema: Any) -> None:
    """Amounts are read exactly from a number as well as from text."""
    if isinstance(schema, dict) and schema.get("format") == "decimal":
        del schema["format"]
        schema["type"] = ["number", "string"]
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        _as_numbers(inner)


def _conditions() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "All of them must hold; what the log does not state never holds, except exists: false.",
        "properties": {
            SHARE: {
                "type": "number",
                "minimum": 0,
                "maximum": 1,
                "description": "Of all calls, by a hash of their id.",
            },
            **{column: _column(column) for column in known_columns()},
        },
        "patternProperties": {r"^tags\..+": {"$ref": "#/$defs/OfTag"}},
        "additionalProperties": False,
    }


def _column(column: str) -> dict[str, Any]:
    vocabulary = {"task": TASKS, **VOCABULARY}.get(column)
    if vocabulary:
        return _of({"anyOf": [{"enum": list(vocabulary)}, {"type": "string"}]}, "word")
    return {"$ref": f"#/$defs/Of{str(kind_of(column)).capitalize()}"}


def _of(value: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """The operators that can be asked of a kind of columns."""
    several = {"type": "array", "items": value, "minItems": 1}
    operands: dict[str, dict[str, Any]] = {
        "value": value,
        "list": several,
        "value or list": {"anyOf": [value, several]},
        "pair": {"type": "array", "items": value, "minItems": 2, "maxItems": 2},
        "pattern": {"type": "string", "format": "regex"},
        "flag": {"type": "boolean"},
    }
    asked = {name: operands[row.operand] for name, row in OPERATORS.items() if kind in row.kinds}
    return {"type": "object", "properties": asked, "additionalProperties": False, "minProperties": 1}
