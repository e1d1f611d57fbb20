"""The JSON Schema says of a policy what loading says, as far as form goes, by a small reading of the schema."""

import re
from typing import Any

import pytest
import yaml
from tests.policies.test_mistakes import GOOD

from costsim.policies import ready
from costsim.policies.json_schema import json_schema

SCHEMA = json_schema()
TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value is what a schema says; only the words that the policy's schema uses, and no other."""
    rules: dict[str, Any] = {
        "$ref": lambda ref: fits(value, SCHEMA["$defs"][ref.rpartition("/")[2]]),
        "anyOf": lambda options: any(fits(value, each) for each in options),
        "oneOf": lambda options: sum(fits(value, each) for each in options) == 1,
        "type": lambda kinds: any(_is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)),
        "enum": lambda words: value in words,
        "required": lambda keys: set(keys) <= set(value),
        "properties": lambda inner: all(fits(value[key], each) for key, each in inner.items() if key in value),
        "additionalProperties": lambda inner: all(
            fits(each, inner) if isinstance(inner, dict) else inner for key, each in value.items() if _more(key, schema)
        ),
        "patternProperties": lambda inner: all(
            fits(each, part)
            for pattern, part in inner.items()
            for key, each in value.items()
            if re.search(pattern, key)
        ),
        "items": lambda inner: all(fits(each, inner) for each in value),
        "minItems": lambda least: len(value) >= least,
        "maxItems": lambda most: len(value) <= most,
        "minProperties": lambda least: len(value) >= least,
        "minimum": lambda least: value >= least,
        "maximum": lambda most: value <= most,
        "exclusiveMinimum": lambda least: value > least,
        "pattern": lambda pattern: re.search(pattern, value) is not None,
    }
    said = {"$schema", "$defs", "title", "description", "default", "examples", "format"}
    assert schema.keys() <= said | rules.keys()
    return all(rules[word](what) for word, what in sorted(schema.items(), key=_kind_first) if word in rules)


def _kind_first(item: tuple[str, Any]) -> bool:
    return item[0] != "type"


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean") == isinstance(value, bool)


def _more(key: str, schema: dict[str, Any]) -> bool:
    patterns = schema.get("patternProperties", {})
    return key not in schema.get("properties", {}) and not any(re.search(each, key) for each in patterns)


@pytest.mark.parametrize("text", [GOOD, *map(ready.text_of, ready.READY)])
def test_good_policies_fit(text: str) -> None:
    assert fits(yaml.safe_load(text.replace("2026-10-01", "'2026-10-01'")), SCHEMA)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1", "version: 2"),
        ("name: mine", "nam: mine"),
        ("{lt: 4000}", "{lt: many}"),
        ("{lt: 4000}", "{less: 4000}"),
        ("{lt: 4000}", "{between: [1]}"),
        ("{lt: 4000}", "4000"),
        ("tags.plan", "tags"),
        ("input_tokens", "prefix_tokens"),
        ("- {tier: cheap}", "- {tier: cheap, model: gpt-5.4}"),
        ("share: 0.1", "share: 10"),
        ("rate: observed", "rate: seen"),
        ("as_logged: true", "as_logged: true, tier: cheap"),
        ("ttl: 5m", "ttl: 5 minutes"),
        ("service_tier: batch", "service_tier: bach"),
        ("tokens: 50000", "tokens: 50000, usd: 3"),
        ("weight: 1}", "weight: 0}"),
    ],
)
def test_policies_of_a_wrong_form_do_not_fit(old: str, new: str) -> None:
    assert old in GOOD
    assert not fits(yaml.safe_load(GOOD.replace(old, new, 1).replace("2026-10-01", "'2026-10-01'")), SCHEMA)
