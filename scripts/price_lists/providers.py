"""Which entries of the two public lists belong to which provider; the table is providers.yaml."""

from pathlib import Path

import msgspec

from costsim.decode import read_yaml
from costsim.prices.sheets.sheet import CacheRule, Fee


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One price file: where its rows come from, and its head."""

    name: str
    litellm: list[str] = []
    genai: str = ""
    prefixes: list[str] = []
    also: list[str] = []
    makes: list[str] = []
    then: list[str] = []
    source: str = ""
    small_model: str = ""
    small_models: dict[str, str] = {}
    hint: str = ""
    reports_charge: bool = False


PROVIDERS: dict[str, Provider] = read_yaml(Path(__file__).with_suffix(".yaml"), dict[str, Provider])
FEES: dict[str, list[Fee]] = read_yaml(Path(__file__).with_name("fees.yaml"), dict[str, list[Fee]])
CACHING: dict[str, list[CacheRule]] = read_yaml(Path(__file__).with_name("caching.yaml"), dict[str, list[CacheRule]])


def provider_of_litellm(name: str) -> str:
    """Return our id of one of LiteLLM's provider names."""
    for ours, provider in PROVIDERS.items():
        if name in provider.litellm or (ours == "vertex" and name.startswith("vertex_ai")):
            return ours
    return name.replace("-", "_").replace(".", "_")


def provider_of_genai(name: str) -> str:
    """Return our id of one of genai-prices' provider ids."""
    for ours, provider in PROVIDERS.items():
        if name == provider.genai:
            return ours
    return name.replace("-", "_")
