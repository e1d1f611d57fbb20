"""Calls inside what logging systems and other layouts put around them: opened, and the formats are asked again."""
