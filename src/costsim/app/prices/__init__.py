"""Behind `costsim prices`: lists, one model's rates, what changed, and other projects' lists taken in."""
