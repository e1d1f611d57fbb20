"""What `costsim explain` says of one call: its price taken apart, and what a policy makes of it."""
