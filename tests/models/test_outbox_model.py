"""The outbox holds its promises whatever happens in whatever order. `MODEL_EXAMPLES` makes the run longer."""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.models.outbox_model import OutboxModel, OutboxModelOnRealRedis
from tests.models.stores import RealStore

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "15"))
PATIENT = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.timeout(300 + EXAMPLES)
def test_the_outbox_keeps_its_promises() -> None:
    """Where the clock jumps and steps back."""
    run_state_machine_as_test(OutboxModel, settings=settings(PATIENT, max_examples=EXAMPLES, stateful_step_count=30))


@pytest.mark.timeout(300 + EXAMPLES)
def test_the_outbox_keeps_its_promises_on_a_real_server(real_redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only time itself ends a lease, and scripts run as Redis runs them."""
    monkeypatch.setattr(RealStore, "url", real_redis_url)
    few = settings(PATIENT, max_examples=max(10, EXAMPLES // 20), stateful_step_count=30)
    run_state_machine_as_test(OutboxModelOnRealRedis, settings=few)
