"""From paths to the `calls` table: sources, splits of them, batches of calls, and the store that keeps them.

`files` are those that paths stand for, `again` tells whether the last run was over the same, `sources` says what each
is, `containers` has its packing and its layout. `reading` turns one split into batches: `records` out of containers,
`readers` for their formats, and `columns`, where rows become columns. `store` keeps batches on disk (never any text);
what `keys` of all calls tell together is found by `duplicates`, `chains`, `links` and `votes`. `collect` runs it all
on an engine.
"""
