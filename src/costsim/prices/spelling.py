"""The ways in which logs spell one model's name (rule 18), as pure functions over text."""

import re
from collections.abc import Iterator

_DATE = re.compile(r"(?<!\d)(20\d\d)-(\d\d)-(\d\d)(?!\d)")
_LOOSE = re.compile(r"[\s._@:]+")
_VERSION = re.compile(r"-v\d+(:\d+)?(:\d+k)?$|:0$")
_CONTEXT = re.compile(r"\[\d+[mk]\]$|@default$|@latest$")
_VENDOR = re.compile(r"^[a-z][a-z0-9]*\.(?=[a-z])")
_GEOGRAPHY = re.compile(r"^(us|eu|apac|ap|jp|au|ca|sa|me|af|uk|in|us-gov|global)\.(?=[a-z])")
_ARN = re.compile(r"^arn:[^:]*:bedrock:([^:]*):[^:]*:(?:inference-profile|foundation-model)/(.+)$")
_RESOURCE = re.compile(r"^(?:.*/)?(?:publishers/[^/]+/)?models/([^/]+)$")

SAME_PRICE_GEOGRAPHIES = frozenset({"us", "eu", "apac", "ap", "jp", "au", "ca", "sa", "me", "af", "uk", "in"})
"""Prefixes of cross-region profiles, which cost what the region's own endpoint costs unless the table says otherwise."""


def plain(name: str) -> str:
    """Return a name without its case and outer space: the first thing that is looked up."""
    return name.strip().lower()


def loose(name: str) -> str:
    """Return a name without the differences that mean nothing: dots, colons and at-signs are dashes, dates have none."""
    return _DATE.sub(r"\1\2\3", _LOOSE.sub("-", plain(name))).strip("-")


def stem(name: str) -> str:
    """Return a plain name without a version's suffix (`-v1:0`), the vendor before a dot and what `loose` takes away."""
    return loose(_VENDOR.sub("", _VERSION.sub("", name)))


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
    if _CONTEXT.search(name):
        yield _CONTEXT.sub("", name), "without its suffix"


def without_geography(name: str) -> tuple[str, str]:
    """Return (geography, rest) of a plain name such as `eu.vendor.model`; geography is '' where there is none."""
    found = _GEOGRAPHY.match(name)
    return (found[1], name[found.end() :]) if found else ("", name)


def words_of_region(region: str | None) -> list[str]:
    """Return what a log's region may be called in the table, nearest first: `europe-west4` is also `eu`."""
    word = plain(region or "")
    if not word or word in ("global", "not_available", "default", "unknown"):
        return []
    wide = {"europe": "eu", "northamerica": "us"}.get(word.split("-")[0], word.split("-")[0])
    return [word, *([wide] if wide != word else []), "other"]
