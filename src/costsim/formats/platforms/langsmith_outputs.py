"""What came back to LangSmith's runs: an answer, or LangChain's messages with the model and the usage around them."""

from typing import Any

import msgspec

from costsim.formats.shared import kept_text
from costsim.formats.shared.attributes import value_of
from costsim.formats.shared.cells import plain
from costsim.formats.shared.usage import Counts, counts_of


def outputs_of(kept: msgspec.Raw) -> dict[str, Any]:
    """Return what came back, also from inside the `output` that some integrations put around it."""
    outputs = value_of(kept)
    if isinstance(outputs, dict) and isinstance(outputs.get("output"), dict):
        return {**outputs["output"], **outputs}
    return outputs if isinstance(outputs, dict) else {}


def answer(outputs: dict[str, Any]) -> dict[str, Any]:
    """Return the message of `generations`, where it is the only one; else all that came back.

    In LangChain's form nobody else would find what it says.
    """
    at: Any = outputs.get("generations")
    while isinstance(at, list) and len(at) == 1:
        at = at[0]
    message = _message(outputs) if isinstance(at, dict) and "message" in at else {}
    return message if "content" in message else outputs


def served(outputs: dict[str, Any]) -> str | None:
    """Return the model that answered."""
    inner = _message(outputs).get("response_metadata")
    for holder in (inner, outputs.get("llm_output"), outputs.get("response_metadata"), outputs):
        if isinstance(holder, dict):
            for name in ("model_name", "model", "model_id"):
                if (found := plain(holder.get(name))) is not None:
                    return found
    return None


def finish(outputs: dict[str, Any]) -> str | None:
    """Return why an answer in LangChain's form ended: its message says so, or what stands around that."""
    at = _generation(outputs)
    around = at.get("generation_info", at.get("generationInfo")) if isinstance(at, dict) else None
    for holder in (_message(outputs).get("response_metadata"), around):
        if isinstance(holder, dict) and (found := kept_text.finish_in(holder)) is not None:
            return found
    return None


def counts(outputs: dict[str, Any], metadata: dict[str, Any]) -> Counts | None:
    """Return the usage, wherever the integration or the run's metadata state it; the surest place first."""
    message = _message(outputs)
    kept = (
        outputs.get("usage_metadata"), message.get("usage_metadata"), metadata.get("usage_metadata"),
        _told_by(outputs.get("llm_output", outputs.get("llmOutput"))), _told_by(message.get("response_metadata")),
        outputs.get("usage"),
    )  # fmt: skip
    found = (counts_of(usage) for usage in kept if isinstance(usage, dict))
    return next((each for each in found if each is not None), None)


def _generation(outputs: dict[str, Any]) -> Any:
    """The first of LangChain's `generations`, however deep."""
    at: Any = outputs.get("generations")
    while isinstance(at, list) and at:
        at = at[0]
    return at


def _message(outputs: dict[str, Any]) -> dict[str, Any]:
    """The message of LangChain's `generations`: [[{"message": {"kwargs": {...}}}]]."""
    at = _generation(outputs)
    message = at.get("message") if isinstance(at, dict) else outputs.get("message")
    if isinstance(message, dict):
        kwargs = message.get("kwargs", message.get("data"))
        return kwargs if isinstance(kwargs, dict) else message
    return {}


def _told_by(model: Any) -> Any:
    """The usage as the integration of a provider writes it, in Python or in JavaScript."""
    if not isinstance(model, dict):
        return None
    return model.get("token_usage") or model.get("usage") or model.get("tokenUsage")
