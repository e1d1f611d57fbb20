"""Cells: calls that are alike in all that a policy looks at, but for how many tokens they have.

What a policy does to a cell is found out for one of its calls; what that costs is the sum of its tokens times rates.
This holds for plain calls (`plain`), which are nearly all; the others are replayed one by one. Sums are those of the
replay one by one, to the last digit (docs/decisions/cells.md).
"""
