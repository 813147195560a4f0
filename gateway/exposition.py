"""What `/metrics` answers: what this process has counted, and beside it what the senders have published."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from prometheus_client import REGISTRY, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from actors.sender_metrics import Measured

SENDER: Final = "sender"


class _Joined(Collector):
    """The families of this process, each followed by the samples of every sender, told apart by a label."""

    def __init__(self, senders: Mapping[str, Sequence[Measured]]) -> None:
        self._senders = senders

    def collect(self) -> Iterable[Metric]:
        for family in REGISTRY.collect():
            for sender, measured in self._senders.items():
                family.samples.extend(
                    Sample(each.name, each.labels | {SENDER: sender}, each.value)
                    for each in measured
                    if each.family == family.name
                )
            yield family


def expose(senders: Mapping[str, Sequence[Measured]]) -> bytes:
    """Write all metrics as Prometheus text."""
    return generate_latest(_Joined(senders))
