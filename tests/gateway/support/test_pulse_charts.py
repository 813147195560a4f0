"""Charts of the pulse stay within their frame, and their table holds only steps in which something happened."""

from hypothesis import given
from hypothesis import strategies as st

from actors.pulse import ATTEMPT, FIRED, IN, LAGS
from actors.pulse_reader import Beats
from gateway.support.pulse_charts import HEIGHT, draw
from rules.times import MINUTE_MS

STARTS = tuple(number * MINUTE_MS for number in range(3))


def beats(**counts: tuple[int, ...]) -> Beats:
    """Make three minutes of counts."""
    return Beats(MINUTE_MS, STARTS, {name.replace("_", ":"): values for name, values in counts.items()})


@given(st.dictionaries(st.sampled_from(LAGS), st.tuples(*[st.integers(0, 50)] * 3), min_size=1))
def test_quantiles_lie_above_each_other_and_within_the_chart(counts: dict[str, tuple[int, ...]]) -> None:
    times = draw(Beats(MINUTE_MS, STARTS, counts)).times

    happened = [at for at in range(3) if any(values[at] for values in counts.values())]
    assert [span.at for span in times.spans] == happened if times else not happened
    for span in times.spans if times else ():
        assert 0 <= span.p99 <= span.p95 <= span.p50 <= HEIGHT


def test_the_grid_ends_above_what_is_drawn() -> None:
    times = draw(beats(**{LAGS[0].replace(":", "_"): (1, 0, 0)})).times
    assert times
    assert times.lines == ((1, 0.0),)


def test_the_table_leaves_out_steps_without_anything() -> None:
    rows = draw(beats(**{IN: (0, 2, 0), FIRED: (0, 1, 0)})).rows
    assert [(row.start, row.facts, row.fired, row.attempts) for row in rows] == [(MINUTE_MS, 2, 1, 0)]


def test_answers_come_by_how_often_and_only_those_that_came() -> None:
    counts = {ATTEMPT["throttled"]: (0, 1, 0), ATTEMPT["accepted"]: (2, 2, 0)}
    shown = draw(Beats(MINUTE_MS, STARTS, counts)).attempts
    assert [(strip.key, strip.total, strip.kind) for strip in shown] == [
        ("pulse.attempt.accepted", 4, ""),
        ("pulse.attempt.throttled", 1, "trouble"),
    ]
