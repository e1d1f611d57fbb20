"""`python -m costsim` is the command `costsim`."""

from costsim.cli import main

if __name__ == "__main__":
    main()
