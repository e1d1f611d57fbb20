"""One module per story; `ledger` is what they share."""
