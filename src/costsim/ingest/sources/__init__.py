"""Which files are meant, what each of them is, told by its first bytes, and the pieces that it is read in."""
