"""Write prices/foreign/declined.yaml, what the two public lists state and was settled against them.

    python -m scripts.decline_settled LITELLM.json GENAI.json

To be run after `scripts.build_prices` with the same files.

An import of the same statement is then told as settled; one of another statement is a change like any other.
"""

import fnmatch
import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.command_line import file, parser_of
from scripts.price_lists.by_hand import REDIRECTED
from scripts.price_lists.merge import TODAY
from scripts.price_lists.settled import VERDICTS

from costsim import prices
from costsim.prices.foreign.doubtful import fingerprint, known_statements
from costsim.prices.foreign.importing import import_list, stated_by
from costsim.prices.sheets.files import SHIPPED

DECLINED = SHIPPED.parent / "prices" / "foreign" / "declined.yaml"
HEAD = """\
# Written by scripts/decline_settled.py: what two public lists of 17 November 2026 stated, and was looked at and not
# taken, each with fingerprints of the statements.
"""
OF_A_LIST = {
    "litellm": "this list rounds or slips here",
    "genai-prices": "the other list is followed where the two differ and nothing else decides",
}
"""Why a statement was not taken, where no verdict says more."""


def main() -> None:
    """Take each list in over the shipped files, and note every model whose price would change."""
    parser = parser_of(__doc__)
    parser.add_argument("litellm", type=file, metavar="LITELLM.json")
    parser.add_argument("genai", type=file, metavar="GENAI.json")
    asked = parser.parse_args()
    found: dict[str, dict[str, list[str]]] = {}
    write(found)  # an import would tell what the file has already as settled, and leave it out here
    for source, theirs in (("litellm", asked.litellm), ("genai-prices", asked.genai)):
        found[source] = {}
        while more := declined(source, theirs.read_bytes()):  # another name of the same model may state another price
            for key, stated in more.items():
                found[source][key] = sorted({*found[source].get(key, ()), *stated})
            write(found)


def declined(source: str, content: bytes) -> dict[str, list[str]]:
    """Return provider/model -> fingerprints of everything that an import would still change."""
    book = prices.load().book
    with TemporaryDirectory() as name:
        folder = Path(name, "prices")
        shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
        changed = {line[2:].lower() for line in import_list(source, content, folder, book, TODAY) if line[0] == "~"}
    found: dict[str, list[str]] = {}
    for key, price in stated_by(source, content, book, TODAY):
        if key in changed:
            found.setdefault(key, []).append(fingerprint(price))
    return found


def write(found: dict[str, dict[str, list[str]]]) -> None:
    """Write the file, and let the next import read it."""
    text = HEAD if any(found.values()) else HEAD + "{}\n"
    for source, models in found.items():
        text += f"{source}:\n" if models else ""
        for key in sorted(models):
            text += (
                f"  {json.dumps(key)}: {{stated: {json.dumps(models[key])}, why: {json.dumps(reason(source, key))}}}\n"
            )
    DECLINED.write_text(text, encoding="utf-8")
    known_statements.cache_clear()


def reason(source: str, key: str) -> str:
    """Return why our price was kept."""
    if key in REDIRECTED:
        return f"{REDIRECTED[key][2]} answers under this name since {REDIRECTED[key][0]}"
    return next((why for glob, _, why in VERDICTS if fnmatch.fnmatchcase(key, glob.lower())), OF_A_LIST[source])


if __name__ == "__main__":
    main()
