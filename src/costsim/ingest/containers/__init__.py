"""From the bytes of a file to records as JSON, one module for each packing and layout that logs come in.

`compression` opens what is packed. What is in it may be lines (`broken_lines` saves what it can of those that are no
JSON object), JSON `documents` of any layout (seen through a `json_window`), recorded `event_streams`, CSV `tables`,
`parquet` files, SQLite `databases`, or `archives` of documents.
"""
