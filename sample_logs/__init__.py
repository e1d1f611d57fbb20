"""Three logs of our own making, in real shapes, and the generator that writes them."""
