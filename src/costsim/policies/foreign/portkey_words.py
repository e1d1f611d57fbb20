"""The words of Portkey's gateway configurations beside those of policies."""

PROVIDERS = {
    "azure": "azure-openai",
    "fireworks": "fireworks-ai",
    "mistral": "mistral-ai",
    "together": "together-ai",
    "vertex": "vertex-ai",
    "xai": "x-ai",
}
"""Ours -> theirs, where they differ."""

OURS = {theirs: ours for ours, theirs in PROVIDERS.items()}

COLUMNS = {
    "requested_model": "params.model",
    "temperature": "params.temperature",
    "max_output_tokens": "params.max_tokens",
    "streamed": "params.stream",
    "user": "params.user",
}
"""Columns that a condition of theirs can look at, besides metadata, which are tags."""

METADATA = "metadata."

OPERATORS = {
    "is": "$eq",
    "not": "$ne",
    "in": "$in",
    "lt": "$lt",
    "lte": "$lte",
    "gt": "$gt",
    "gte": "$gte",
    "matches": "$regex",
}

NOT_IN = "$nin"

CODES = {"rate_limit": [429], "timeout": [408, 504], "error": [500, 502, 503]}
"""Why an attempt failed -> the status codes that say so."""
