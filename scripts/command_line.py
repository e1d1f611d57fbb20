"""What scripts share of their command lines: the docstring is the help, and a file that is missing is told at once."""

import argparse
from pathlib import Path


def parser_of(doc: str | None) -> argparse.ArgumentParser:
    """Return a parser whose help is the docstring of a script, laid out as it stands there."""
    return argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)


def file(path: str) -> Path:
    """Return the path of an argument; an error of the command line where no file is there."""
    if not Path(path).is_file():
        raise argparse.ArgumentTypeError(f"{path}: no such file")
    return Path(path)
