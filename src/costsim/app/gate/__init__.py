"""Behind `costsim check` and `costsim baseline`: logs against a baseline, a change against what it changes."""
