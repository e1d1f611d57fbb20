"""The parts of `build_prices`: which provider is which, how two lists become one, how it is written."""
