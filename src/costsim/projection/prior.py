"""What public data says before this log says anything: by model, family and task, fitted by scripts/fit_factors.py.

The logarithm of a model's tokens on a prompt is taken to be a sum: what the prompt asks for, the manner of the model's
family, the model's own, its manner in this task, and chance by set of prompts. A factor is a difference of two such
sums. Outputs are fitted in tokens of one tokenizer; each side's own tokenizer is added as inputs show it.
"""

import math
from functools import cache, cached_property
from importlib.resources import files

import msgspec
from msgspec.structs import replace

from costsim.projection.estimates import Estimate
from costsim.projection.names import Thinks, kin_of, same_model, short_name

TOOL_TASK = "agent"
TOOL_SD = 0.45
"""Stated, not fitted: with native tool calling, inputs of one provider counted on another were off by -66 to +21 %."""


class Effect(msgspec.Struct, frozen=True, array_like=True):
    """A deviation in logarithms, with the standard deviation of its error and the prompts behind it."""

    log: float
    sd: float
    prompts: int = 0


class Spread(msgspec.Struct, frozen=True):
    """Standard deviations of what was not seen: between families, models of one, tasks of one, and sets of prompts."""

    family: float
    model: float
    task: float
    prompts: float


class Effects(msgspec.Struct, frozen=True, dict=True):
    """All that was fitted of input or of output tokens."""

    spread: Spread
    families: dict[str, Effect]
    models: dict[str, Effect]
    """By short name; the family's part is in it."""
    tasks: dict[str, dict[str, Effect]]
    """Model -> task -> what is added in that task."""

    @cached_property
    def sides(self) -> dict[tuple[str, str | None], "_Side"]:
        """What is known of the models and tasks that were asked for."""
        return {}


class Table(msgspec.Struct, frozen=True):
    """factors.json."""

    input: Effects
    output: Effects
    thinking: Effect
    """Output of a model that thinks, over what it says."""
    mix: float
    """How far the ratio of two models' mean outputs is off when each had other prompts of the same task, by the spread
    of their outputs."""
    call_sd: float
    """How far a single call's output is off its factor, relative to the mean output."""


class _Side(msgspec.Struct, frozen=True):
    """What is known of one model in one task."""

    log: float
    variance: float
    kin_variance: float
    """The part of the variance that all models of the family share."""
    prompts: int
    seen: bool
    family: str | None


@cache
def table() -> Table:
    """Return the fitted figures."""
    return msgspec.json.decode(files(__package__).joinpath("factors.json").read_bytes(), type=Table)


def input_prior(source: str, target: str, task: str | None, fitted: Table | None = None) -> Estimate:
    """Return the prior of a target's input tokens over a source's; keys such as 'openai/gpt-5.4'."""
    found = _difference((fitted or table()).input, source, target, task)
    if task != TOOL_TASK or _same_family(source, target):
        return found
    return replace(found, sd=math.hypot(found.sd, TOOL_SD))


NOTHING_TOLD: tuple[float | None, float | None] = (None, None)


def output_prior(
    source: str,
    target: str,
    task: str | None,
    fitted: Table | None = None,
    thought: tuple[float | None, float | None] = NOTHING_TOLD,
) -> Estimate:
    """Return the prior of a target's output tokens over a source's; reasoning is output.

    `thought` is the logarithm of output over what was said, of both, as far as the log tells.
    """
    figures = fitted or table()
    said = _difference(figures.output, source, target, task)
    counted = _difference(figures.input, source, target, task)
    log, variance = _thinking(figures.thinking, (source, target), thought)
    variance += said.sd**2 + counted.sd**2
    if said.basis == "unknown":
        return Estimate(0.0, math.sqrt(variance + log**2), said.basis, said.evidence)
    return Estimate(said.log + counted.log + log, math.sqrt(variance), said.basis, said.evidence)


def _difference(effects: Effects, source: str, target: str, task: str | None) -> Estimate:
    before, after = _side(effects, source, task), _side(effects, target, task)
    variance = before.variance + after.variance
    if before.family is not None and before.family == after.family:
        variance -= before.kin_variance + after.kin_variance
    seen = before.seen and after.seen
    log = after.log - before.log if seen else 0.0
    if not seen:
        variance += (after.log - before.log) ** 2
    evidence = min(before.prompts, after.prompts)
    return Estimate(log, math.sqrt(variance), "prior" if seen else "unknown", evidence)


def _side(effects: Effects, key: str, task: str | None) -> _Side:
    asked = key, task
    if (known := effects.sides.get(asked)) is None:
        known = effects.sides[asked] = _looked_up(effects, key, task)
    return known


def _looked_up(effects: Effects, key: str, task: str | None) -> _Side:
    name, spread = short_name(key), effects.spread
    kin = kin_of(name)
    family = kin.family if kin else None
    chance = spread.prompts**2
    if model := effects.models.get(name):
        in_task = effects.tasks.get(name, {}).get(task or "", Effect(0.0, spread.task))
        own = model.sd**2 + in_task.sd**2 + chance
        return _Side(model.log + in_task.log, own, 0.0, in_task.prompts or model.prompts, True, family)
    own = spread.model**2 + spread.task**2 + chance
    if kin and (of_family := effects.families.get(kin.family)):
        return _Side(of_family.log, own + of_family.sd**2, of_family.sd**2, of_family.prompts, True, family)
    kin_variance = spread.family**2 if kin else 0.0
    return _Side(0.0, own + spread.family**2, kin_variance, 0, False, family)


@cache
def _same_family(source: str, target: str) -> bool:
    before, after = kin_of(short_name(source)), kin_of(short_name(target))
    return before is not None and after is not None and before.family == after.family


_SHARE_THAT_THINKS = {"always": 1.0, "maybe": 0.2, "never": 0.0}
"""Stated, not fitted: who may choose, mostly leaves it off, which is the default."""
_THINKS = 0.1
"""A model that adds less than this, as a logarithm, to what it says is not thinking."""


def _thinking(
    effect: Effect, models: tuple[str, str], thought: tuple[float | None, float | None]
) -> tuple[float, float]:
    """(log, variance) of what reasoning adds.

    What the log tells of a model holds. Of two models that both always think, it is taken to be alike, but no surer
    for that; of two that may, each does what the other did.
    """
    kinds, known = [_thinks(model) for model in models], thought[0]
    if kinds == ["maybe", "maybe"] and thought == NOTHING_TOLD:
        return 0.0, 0.0
    before = _added(effect, kinds[0], known)
    after = _added(effect, kinds[1], thought[1])
    if known is not None and thought[1] is None:
        if known > _THINKS and kinds[1] != "never":
            after = known, effect.sd**2
        elif known <= _THINKS and kinds[1] == "maybe":
            after = 0.0, 0.0
    return after[0] - before[0], after[1] + before[1]


def _added(effect: Effect, kind: Thinks, known: float | None) -> tuple[float, float]:
    """(log, variance) of what reasoning adds to one model's output."""
    if known is not None:
        return known, 0.0
    share = _SHARE_THAT_THINKS[kind]
    return share * effect.log, share * effect.sd**2 + share * (1 - share) * effect.log**2


@cache
def _thinks(key: str) -> Thinks:
    kin = kin_of(same_model(key)) or kin_of(short_name(key))  # gpt-5-chat is short for gpt-5, and does not think
    return kin.thinks if kin else "never"
