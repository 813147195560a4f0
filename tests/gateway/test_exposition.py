"""The text that Prometheus reads."""

from prometheus_client.parser import text_string_to_metric_families

from actors.sender_metrics import Measured
from gateway.exposition import expose


def test_samples_of_senders_stand_in_their_family_under_a_label() -> None:
    senders = {
        "a": (Measured("attempts", "attempts_total", {"answer": "accepted"}, 5.0),),
        "b": (Measured("attempts", "attempts_total", {"answer": "accepted"}, 7.0),),
    }

    families = list(text_string_to_metric_families(expose(senders).decode()))

    names = [family.name for family in families]
    assert len(names) == len(set(names))
    [attempts] = [family for family in families if family.name == "attempts"]
    told = {sample.labels["sender"]: sample.value for sample in attempts.samples if "sender" in sample.labels}
    assert told == {"a": 5.0, "b": 7.0}


def test_without_senders_it_is_what_this_process_counts() -> None:
    assert b'sender="' not in expose({})
