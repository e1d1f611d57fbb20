"""One module per measure, each with `measure(bench) -> Result`; `benchmarks.run` lists them."""
