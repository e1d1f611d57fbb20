"""The price file that the README shows is one."""

import re
from pathlib import Path

from costsim import prices

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_price_file_of_the_readme_can_be_used_as_it_stands(tmp_path: Path) -> None:
    fences = re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (shown,) = [text for text in fences if "alias:" in text]
    (tmp_path / "mine.yaml").write_text(shown)
    table = prices.load((tmp_path / "mine.yaml",))
    assert all(table.index_of(None, name) >= 0 for name in ("acme-large", "llama-on-our-gpu", "prod-chat"))
