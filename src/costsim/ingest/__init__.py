"""From paths to the `calls` table: sources, splits of them, batches of calls, and the store that keeps them.

`sources` finds the files and says what each is, `reading` turns one split into batches, `columns` is where rows
become columns, `store` keeps batches on disk (never any text), `collect` runs it all on an engine.
"""
