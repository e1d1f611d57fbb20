"""Ready policies: YAML files beside this one, which work on any log; `--policy NAME` takes one of them.

They name models of several makers that most gateways offer. A tier gives a call to the cheapest of its models that can
do it, so a policy for one provider only is this one without the others: `costsim policy show NAME > mine.yaml`.
"""

from importlib import resources

READY: dict[str, str] = {
    "three-tier": "calls that look simple to cheap models, hard ones to frontier models, all else in between",
    "cheap-first-cascade": "every call to a cheap model first, and on to a stronger one where its answer fails",
    "everything-cheapest": "every call to the cheapest model that can do it: the floor of what routing can save",
    "everything-strongest": "every call to a frontier model: what the best answers would cost",
    "batch-the-background": "work that nobody waits for keeps its model, at its batch price",
    "cache-the-prefixes": "every call keeps its model; what calls share at their beginning is cached",
}
"""Name -> what it does."""


def text_of(name: str) -> str:
    """Return the YAML of a ready policy."""
    return resources.files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
