"""Replays -> Report: totals, groups, observed rates and findings, from sums that add up across batches in any order."""
