"""Other providers' own APIs and logs."""
