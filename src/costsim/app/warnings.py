"""What the user must be told although the run went on: what the figures do not hold, one line each."""

from costsim.ingest.kept.store import Manifest, SourceCounts

_MOST_SKIPPED = 3
_MOST_SILENT = 8


def of(manifest: Manifest) -> list[str]:
    """Return the warnings of reading logs, in the order of the logs."""
    said = [line for source in manifest.sources if (line := _damage(source))]
    said += _few([line for source in manifest.sources if (line := _silence(source))], "files whose lines are no calls")
    if (silent := sum(not source.calls and _is_transcript(source) for source in manifest.sources)) > 0:
        said.append(f"{silent:,} transcripts of agents hold no calls" if silent > 1 else "1 transcript holds no calls")
    said += [f"skipped {each}" for each in manifest.skipped[:_MOST_SKIPPED]]
    if len(manifest.skipped) > _MOST_SKIPPED:
        said.append(f"skipped {len(manifest.skipped) - _MOST_SKIPPED:,} more files that are no logs")
    if manifest.unkept:
        said.append(f"the calls are not kept for a next run: {manifest.unkept}")
    for name in manifest.unfetched:
        said.append(
            f"the token encoding {name} could not be fetched; tokens that the logs do not state are estimated from the "
            "text (set TIKTOKEN_CACHE_DIR to a folder that has it)"
        )
    return said


def _is_transcript(source: SourceCounts) -> bool:
    """Whether most of its lines are no calls as a matter of course."""
    from costsim.formats import FORMATS
    from costsim.formats.agents import agent_transcripts, opencode, qwen_code
    from costsim.formats.contract import as_session

    rows_of_their_own = {agent_transcripts.NAME, opencode.NAME, qwen_code.NAME}
    return as_session(FORMATS.get(source.format)) is not None or source.format in rows_of_their_own


def _damage(source: SourceCounts) -> str | None:
    return f"{source.name}: {source.damage}; {source.calls:,} calls before that are counted" if source.damage else None


def _silence(source: SourceCounts) -> str | None:
    """What to say of a file that is mostly no log."""
    others = source.lines - source.calls
    if others <= source.calls or _is_transcript(source):
        return None
    return f"{source.name}: {others:,} of {source.lines:,} lines are no calls in a format that is known here"


def _few(lines: list[str], of_what: str) -> list[str]:
    """The first lines of many, and how many more there are."""
    more = len(lines) - _MOST_SILENT
    return lines if more <= 0 else [*lines[:_MOST_SILENT], f"{more:,} more {of_what}"]
