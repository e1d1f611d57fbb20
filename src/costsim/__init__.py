"""costsim: what LLM calls cost, and what they would cost under another policy, without calling any model."""

__version__ = "0.1.0"
