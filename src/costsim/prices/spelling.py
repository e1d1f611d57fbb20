"""The ways in which logs spell one model's name (rule 18), as pure functions over text."""

import re
from collections.abc import Iterator
from functools import lru_cache

_DATE = re.compile(r"(?<!\d)(20\d\d)-(\d\d)-(\d\d)(?!\d)")
_LOOSE = re.compile(r"[\s._@:]+")
_VERSION = re.compile(r"-v\d+(:\d+)?(:\d+k)?$|:0$")
_FULL_VERSION = re.compile(r"-v\d+:\d+(:\d+k)?$|:0$")
_CONTEXT = re.compile(r"\[\d+[mk]\]$|@default$|@latest$")
_VENDOR = re.compile(r"^[a-z][a-z0-9]*\.(?=[a-z])")
_GEOGRAPHY = re.compile(r"^(us|eu|apac|ap|jp|au|ca|sa|me|af|uk|in|us-gov|global)\.(?=[a-z])")
_ARN = re.compile(r"^arn:[^:]*:bedrock:([^:]*):[^:]*:(?:inference-profile|foundation-model)/(.+)$")
_FINE_TUNED = re.compile(r"^(ft:[^:]+):")
_RESOURCE = re.compile(r"^(?:.*/)?(?:publishers/[^/]+/)?models/([^/]+)$")

SAME_PRICE_GEOGRAPHIES = frozenset({"us", "eu", "apac", "ap", "jp", "au", "ca", "sa", "me", "af", "uk", "in"})
"""Prefixes of cross-region profiles, which cost what the region does unless the table says otherwise."""


GATEWAYS = (
    *(
        "litellm",
        "litellm_proxy",
        "litellm-proxy",
        "portkey",
        "helicone",
        "langchain",
        "langsmith",
        "langfuse",
    ),
    *("proxy", "gateway", "custom", "custom_openai", "unknown", "other", "none", "null"),
)
"""What logs say in the provider's place that does not say who was paid."""


def plain(name: str) -> str:
    """Return a name without its case and outer space: the first thing that is looked up."""
    return name.strip().lower()


def loose(name: str) -> str:
    """Return a name without differences that mean nothing: dots and colons are dashes, dates have none."""
    return _DATE.sub(r"\1\2\3", _LOOSE.sub("-", plain(name))).strip("-")


def stem(name: str) -> str:
    """Return a table's plain name, loosely, without the vendor before a dot and the version behind.

    A bare `-v2` is a version only behind a vendor; elsewhere it is part of the name.
    """
    bare = _VENDOR.sub("", name)
    return loose((_VERSION if bare != name else _FULL_VERSION).sub("", bare))


def trunk(name: str) -> str:
    """Return a log's plain name as `stem` does, but only a version written in full (`-v1:0`) is taken off.

    A `-v2` behind a name may be another model.
    """
    return loose(_VENDOR.sub("", _FULL_VERSION.sub("", name)))


@lru_cache(1 << 14)
def own_name(name: str) -> str:
    """Return a model's own name, loosely: without a path, geography, vendor or full version around it."""
    return trunk(without_geography(plain(name).rpartition("/")[2])[1])


def unwrapped(name: str) -> Iterator[tuple[str, str]]:
    """Yield a plain name and what it is wrapped in, outermost first, each with how it was read."""
    yield name, "by its name"
    if arn := _ARN.match(name):
        yield f"{arn[1]}/{arn[2]}", "by the model and region in its ARN"
        yield arn[2], "by the model in its ARN"
        name = arn[2]
    if resource := _RESOURCE.match(name):
        yield resource[1], "by the last part of its path"
        name = resource[1]
    if tuned := _FINE_TUNED.match(name):
        yield tuned[1], "by the model that was fine-tuned"
    if _CONTEXT.search(name):
        yield _CONTEXT.sub("", name), "without its suffix"


def without_geography(name: str) -> tuple[str, str]:
    """Return (geography, rest) of a plain name such as `eu.vendor.model`; '' where there is no geography."""
    found = _GEOGRAPHY.match(name)
    return (found[1], name[found.end() :]) if found else ("", name)


def words_of_region(region: str | None) -> list[str]:
    """Return what a log's region may be called in the table: its own name, then `other`, if it is not global.

    A wider area is not tried: an application in `us-east-1` does not say where a model's data must stay.
    """
    word = plain(region or "")
    return [word, "other"] if word not in ("", "global", "not_available", "default", "unknown") else []
