"""Write src/costsim/pricing/*.yaml from the two public price lists.

    python -m scripts.build_prices LITELLM.json GENAI.json

The numbers are facts; where they come from is said in every file. A file that was changed by hand since is
not safe from this script: what is known better than the lists belongs into price_lists/settled.py.
"""

from collections import defaultdict
from pathlib import Path

from msgspec.structs import replace
from scripts.command_line import file, parser_of
from scripts.price_lists import settled
from scripts.price_lists.makers import with_makers_facts
from scripts.price_lists.merge import TODAY, Merged, merge
from scripts.price_lists.providers import CACHING, FEES, PROVIDERS, Provider, provider_of_genai, provider_of_litellm
from scripts.price_lists.released import with_release_days
from scripts.price_lists.retired import with_retirements

from costsim.prices.foreign import genai, litellm
from costsim.prices.foreign.genai import Listed
from costsim.prices.sheets.sheet import ModelSheet, ProviderSheet
from costsim.prices.sheets.writing import to_yaml
from costsim.prices.spelling import loose

PRICING = Path(__file__).parent.parent / "src" / "costsim" / "pricing"
COMMENT = """\
Written by scripts/build_prices.py from two public price lists (both MIT), and checked against each other:
github.com/BerriAI/litellm and github.com/pydantic/genai-prices. USD per million tokens, characters and
pixels, per thousand searches and requests, else per thing; see docs/decisions/pricing-table.md."""


def main() -> None:
    """Write every provider's file, and print where the lists contradict each other."""
    parser = parser_of(__doc__)
    parser.add_argument("litellm", type=file, metavar="LITELLM.json")
    parser.add_argument("genai", type=file, metavar="GENAI.json")
    asked = parser.parse_args()
    litellm_list, genai_list = asked.litellm.read_bytes(), asked.genai.read_bytes()
    first, second = read_first(litellm_list), read_second(genai_list)
    words = names_of_providers(litellm_list, genai_list)
    PRICING.mkdir(exist_ok=True)
    merged = {provider: merge(provider, first[provider], second[provider]) for provider in sorted({*first, *second})}
    for provider, models in with_makers_facts({name: result.sheets for name, result in merged.items()}).items():
        report(provider, merged[provider])
        sheet = settled.corrected(provider_sheet(provider, models, words[provider]))
        sheet = with_retirements(replace(sheet, models=with_release_days(provider, sheet.models)))
        path = PRICING / f"{provider}.yaml"
        path.unlink(missing_ok=True)
        if sheet.models:
            path.write_text(to_yaml(sheet, COMMENT), encoding="utf-8")


def read_first(content: bytes) -> defaultdict[str, list[ModelSheet]]:
    """Return LiteLLM's entries by our provider, their keys freed of the provider's prefix."""
    found: defaultdict[str, list[ModelSheet]] = defaultdict(list)
    for theirs, key, sheet in litellm.read(content):
        provider = provider_of_litellm(theirs)
        if theirs and sheet.prices:
            found[provider].append(replace(sheet, model=unprefixed(provider, theirs, key)))
    return found


def read_second(content: bytes) -> defaultdict[str, list[Listed]]:
    """Return genai-prices' models by our provider."""
    found: defaultdict[str, list[Listed]] = defaultdict(list)
    for one in genai.read(content):
        if (sheet := settled.with_free_prices(one.sheet)) is not None:
            found[provider_of_genai(one.provider)].append(replace(one, sheet=settled.with_real_name(sheet)))
    return found


def names_of_providers(first: bytes, second: bytes) -> defaultdict[str, set[str]]:
    """Return what the lists call each of our providers."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for theirs, _, _ in litellm.read(first):
        found[provider_of_litellm(theirs)].add(theirs)
    for one in genai.read(second):
        found[provider_of_genai(one.provider)].add(one.provider)
    return found


def unprefixed(provider: str, theirs: str, key: str) -> str:
    """Return a key without the name of its provider before a slash."""
    head, slash, rest = key.partition("/")
    prefixes = (*(PROVIDERS[provider].prefixes if provider in PROVIDERS else ()), theirs, provider)
    return rest if slash and (head in prefixes or loose(head) == loose(provider)) else key


def provider_sheet(provider: str, models: list[ModelSheet], words: set[str]) -> ProviderSheet:
    """Return a provider's file from its models and what is known about the provider."""
    known = PROVIDERS.get(provider, Provider(name=provider.replace("_", " ").title()))
    names = {name for model in models for name in (model.model, *model.names)}
    return ProviderSheet(
        provider=provider,
        name=known.name,
        also=sorted({provider.replace("_", "-"), *known.litellm, known.genai, *known.also, *words} - {provider, ""}),
        makes=list(known.makes),
        then=list(known.then),
        hint=known.hint,
        source=known.source,
        checked=TODAY,
        small_model=known.small_model if known.small_model in names else None,
        small_models={glob: name for glob, name in known.small_models.items() if name in names},
        reports_charge=known.reports_charge,
        caching=CACHING.get(provider, []),
        fees=FEES.get(provider, []),
        models=[without_repeated_source(known.source, model) for model in models],
    )


def without_repeated_source(source: str, model: ModelSheet) -> ModelSheet:
    """Return the model without sources that are the file's own."""
    prices = [replace(p, source="" if p.source == source else p.source) for p in model.prices]
    return replace(model, prices=prices)


def report(provider: str, result: Merged) -> None:
    """Print one line per contradiction, for whoever settles it."""
    print(f"{provider}: {len(result.sheets)} models, {len(result.contradictions)} contradictions")
    for _, name, ours, theirs in result.contradictions:
        held = settled.verdict(provider, name).kind
        print(f"  {name}: {held}", f"{ours.rates} {ours.above}", f"{theirs.rates} {theirs.above}", sep="\n    ")


if __name__ == "__main__":
    main()
