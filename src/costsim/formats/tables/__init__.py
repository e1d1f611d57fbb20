"""Any table or JSON log with a call in each record, by a mapping or a guess."""
