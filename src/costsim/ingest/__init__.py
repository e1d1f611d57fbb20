"""From paths to the `calls` table: sources, splits of them, batches of calls, and the store that keeps them.

`files` are those that paths stand for, `again` tells whether the last run was over the same, `sources` says what each
is, `reading` turns one split into batches, `columns` is where rows become columns, `store` keeps batches on disk (never
any text), `collect` runs it all on an engine.
"""
