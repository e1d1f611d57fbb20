"""What the figures rest on: every line, call, price and token of the logs accounted for."""

from costsim.ingest.kept.store import Manifest
from costsim.prices import PriceTable
from costsim.summary.report import Coverage, Reject, Source, UnpricedModel
from costsim.summary.sums import Sums


def coverage_of(manifest: Manifest, sums: Sums, prices: PriceTable, calls: int) -> Coverage:
    """Return what the figures rest on: lines, calls, prices and tokens."""
    sources = manifest.sources
    unpriced = calls - sums.basis.computed - sums.basis.reported
    return Coverage(
        lines=sum(each.lines for each in sources),
        calls=calls,
        duplicates=manifest.duplicates,
        rejected=sum(each.rejected for each in sources),
        not_calls=sum(each.not_calls for each in sources),
        left_out=manifest.calls - calls,
        priced=calls - unpriced,
        unpriced=unpriced,
        computed=sums.basis.computed,
        reported=sums.basis.reported,
        tokens_logged=sums.bases["logged"],
        tokens_counted=sums.bases["counted"],
        tokens_estimated=sums.bases["estimated"],
        tokens_unknown=sums.bases["unknown"],
        tokens_invalid=sums.bases["invalid"],
        before_first_price=sums.basis.before_first,
        unpriced_reasons=dict(sorted(sums.reasons.items())),
        unpriced_models=_unpriced_models(sums, prices),
        rejects=[Reject(where, reason) for where, reason in manifest.rejects],
        skipped=manifest.skipped,
        sources=[
            Source(
                each.name,
                each.format,
                each.lines,
                each.calls,
                each.rejected,
                each.not_calls,
                each.damage,
                each.other_formats,
            )
            for each in sources
        ],
    )


def _unpriced_models(sums: Sums, prices: PriceTable) -> list[UnpricedModel]:
    found = []
    for (model, provider), (calls, input_tokens, output_tokens) in sums.unpriced.items():
        resolution = prices.resolve(provider, model)
        found.append(
            UnpricedModel(model, provider, calls, input_tokens, output_tokens, resolution.why, list(resolution.nearest))
        )
    return sorted(found, key=lambda each: (-each.calls, str(each.model), str(each.provider)))
