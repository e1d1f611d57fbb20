"""Behind `costsim policy`: policy files checked, drafted from a log, and exchanged with other programs."""
