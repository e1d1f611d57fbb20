"""OpenAI: Chat Completions, Responses and batches, and the many servers that speak the same."""
