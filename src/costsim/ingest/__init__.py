"""From paths to the `calls` table: sources, splits of them, batches of calls, and the store that keeps them.

`sources/` are the files that paths stand for, what each is, and its splits; `containers/` has their packings and
layouts. `reading` turns one split into batches: `records` out of containers, `readers` for their formats, and
`columns`, where rows become columns. `kept/` is the store of batches on disk (never any text), `ties/` what calls have
to do with each other. `collect` runs it all on an engine.
"""
