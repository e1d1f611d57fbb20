"""Coding agents: the sessions and transcripts that they leave in a home folder."""
