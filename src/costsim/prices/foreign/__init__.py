"""Price lists of other projects, each read into our own sheets: one module per list, one function `read`."""
