"""Logs and files of calls of any size, made up from a seed, and written once."""
