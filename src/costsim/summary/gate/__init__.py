"""The cost gate: two logs, or one under two policies, compared like with like; what changed, and whether it is real."""
