"""Price files as people write them: found, read, laid over each other, checked, and what they say of a moment."""
