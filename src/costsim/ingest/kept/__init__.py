"""The calls of a run on the disk, without any text: written whole or not at all, read back batch by batch."""
