"""What `costsim prices` says: lists, one model's rates, what changed, what was taken in."""
