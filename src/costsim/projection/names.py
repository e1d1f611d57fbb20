"""Models by name: which two keys are one model, the short name that figures are kept under, and its family."""

import re
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from costsim.decode import parse_yaml

Thinks = Literal["always", "maybe", "never"]

_REGION = re.compile(r" \([^)]*\)$")
_GEOGRAPHY = re.compile(r"^(?:us|eu|apac|global|au|jp|us-gov)\.")
_MAKER = re.compile(
    r"^(?:anthropic|meta|mistral|mistralai|cohere|amazon|deepseek|qwen|openai|google|ai21|moonshotai)\."
)
_PACKAGING = re.compile(r"-v\d+:\d+$|@default$|:(?:batch|free|nitro|floor|beta|extended)$")
_DATE = re.compile(r"-20\d\d-?\d\d-?\d\d(?=-|$)|-\d{4}(?=-|$)|-00\d(?=-|$)|-v\d+:\d+$|:.*$")
_NOISE = re.compile(
    r"-(?:instruct|chat|it|hf|latest|preview|turbo-hf|versatile|maas|fp8|bf16)(?=-|$)|^meta-|^databricks-"
)


class Kin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of families.yaml: models whose short names begin alike."""

    family: str
    names: tuple[str, ...]
    thinks: Thinks = "never"


@cache
def same_model(key: str) -> str:
    """Return what is equal for two keys of one model that is sold by two providers or in two regions.

    Dated versions stay apart: they are different models.
    """
    name = _REGION.sub("", key).rsplit("/", 1)[-1].lower()
    name = _MAKER.sub("", _GEOGRAPHY.sub("", name))
    return _PACKAGING.sub("", name).replace(".", "-").replace("_", "-").replace("@", "-")


@cache
def short_name(key: str) -> str:
    """Return the name under which figures of a model are kept: no provider, date, region or packaging."""
    name = _DATE.sub("", same_model(key))
    while (shorter := _NOISE.sub("", name)) != name:
        name = shorter
    return name


@cache
def kin_of(short: str) -> Kin | None:
    """Return the family of a model by its short name; None where no row fits."""
    return next((kin for kin in _families() if short.startswith(kin.names)), None)


@cache
def _families() -> list[Kin]:
    return parse_yaml(files(__package__).joinpath("families.yaml").read_text("utf-8"), list[Kin], name="families.yaml")
