"""Traces without text: lengths and block hashes of production traffic."""
