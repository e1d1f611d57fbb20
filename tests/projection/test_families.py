"""Names of models as they stand in price tables and logs."""

import pytest

from costsim.projection.names import kin_of, same_model, short_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("anthropic/claude-opus-5", "bedrock/us.anthropic.claude-opus-5-v1:0"),
        ("openai/gpt-5.5", "azure/eu/gpt-5.5"),
        ("openai/gpt-5.5 (eu)", "openai/gpt-5.5"),
        ("openai/gpt-4o-mini", "openrouter/openai/gpt-4o-mini:batch"),
        ("anthropic/claude-sonnet-5", "vertex/claude-sonnet-5@default (other)"),
        ("meta/Llama-3.3-70B-Instruct", "together/meta-llama/llama-3_3-70b-instruct"),
    ],
)
def test_one_model_at_two_providers_is_one_model(one: str, other: str) -> None:
    assert same_model(one) == same_model(other)


def test_versions_and_sizes_are_models_of_their_own() -> None:
    names = ("openai/gpt-4o-2024-05-13", "openai/gpt-4o", "openai/gpt-4o-mini", "ollama/llama3:8b", "ollama/llama3:70b")
    assert len({same_model(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("key", "short", "family", "thinks"),
    [
        ("openai/gpt-4o-2024-08-06", "gpt-4o", "gpt", "never"),
        ("openai/gpt-5-mini", "gpt-5-mini", "gpt", "always"),
        ("openai/gpt-5.4 (us)", "gpt-5-4", "gpt", "maybe"),
        ("anthropic/claude-3-5-sonnet-20240620", "claude-3-5-sonnet", "claude", "never"),
        ("anthropic/claude-sonnet-4-6", "claude-sonnet-4-6", "claude", "maybe"),
        ("vertex/gemini-1.5-pro-002", "gemini-1-5-pro", "gemini", "never"),
        ("google/gemini-3-pro-preview", "gemini-3-pro", "gemini", "always"),
        ("together/meta-llama/Meta-Llama-3.1-70B-Instruct", "llama-3-1-70b", "llama", "never"),
        ("fireworks/accounts/fireworks/models/deepseek-r1", "deepseek-r1", "deepseek", "always"),
        ("cerebras/gpt-oss-120b", "gpt-oss-120b", "gpt-oss", "always"),
    ],
)
def test_a_model_of_today_has_a_family(key: str, short: str, family: str, thinks: str) -> None:
    kin = kin_of(short_name(key))
    assert kin is not None
    assert (short_name(key), kin.family, kin.thinks) == (short, family, thinks)


def test_a_stranger_has_none() -> None:
    assert kin_of(short_name("nowhere/nothing-1")) is None
