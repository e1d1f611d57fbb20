"""Anthropic: Messages and message batches."""
