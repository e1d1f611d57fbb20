"""Price lists of other projects: a module with one function `read` for each, and how our files take them in."""
