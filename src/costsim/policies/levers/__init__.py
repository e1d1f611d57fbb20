"""Savings that are not routing. Each is a function over columns: no lever chooses a model, prices or loops over calls.

Those that depend on what came before (prompt cache, response cache, budget) see the calls in the order of time, and of
equal times in the order of the log, a part at a time, and hand on what the next part has to know. What they say is the
same for any batches, in any order of the input.
"""
