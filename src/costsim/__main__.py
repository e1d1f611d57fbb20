"""`python -m costsim` is the command `costsim`."""

from costsim.cli import command

if __name__ == "__main__":
    command()
