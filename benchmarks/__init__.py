"""Speed and memory of costsim against named yardsticks, on one generated log."""
