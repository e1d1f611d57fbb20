"""Behind `costsim explain`: one call found among all, its price taken apart, and what a policy makes of it."""
