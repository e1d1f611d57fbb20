"""Renderers: a report as text, in one shape each; they format and never compute, read or write.

A room for what each command says, and what these share: numbers, names, widths, colours. To add an output of
`audit`: a module that satisfies `Renderer`, its line in `audited.RENDERERS`, its goldens in the tests. A heavy
library is imported only when something is drawn with it.
"""
