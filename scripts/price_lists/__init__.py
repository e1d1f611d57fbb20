"""The parts of `build_prices`: which provider is which, how two lists become one, and how that is written down."""
