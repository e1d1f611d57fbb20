"""What `costsim tasks` prints: guesses, how good they are, and what the types mean."""
