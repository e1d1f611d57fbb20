"""Replays of policies -> what they cost beside the past, with intervals, controls and assumptions."""
