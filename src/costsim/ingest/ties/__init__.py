"""What calls have to do with each other, whichever batches they stand in: copies, chains, retries, templates that vote.

`keys` are the few numbers of each call that are looked at of all calls together.
"""
