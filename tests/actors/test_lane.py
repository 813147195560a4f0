"""Lanes: what is asked at the same moment goes together, and everybody gets their own answer."""

import asyncio

import pytest

from actors.errors import StoreUnavailable
from actors.lane import Lane
from tests.waiting import eventually


class Asked:
    """What a lane was asked, batch by batch, and answers held back until `release`."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.release = asyncio.Event()

    async def run(self, batch: list[int]) -> list[int | Exception]:
        """Answer everything with its negative, but for 13."""
        self.batches.append(batch)
        await self.release.wait()
        if 0 in batch:
            raise StoreUnavailable("away")
        return [ValueError("unlucky") if number == 13 else -number for number in batch]


async def test_what_is_asked_in_one_turn_of_the_loop_goes_together_and_the_next_gathers_meanwhile() -> None:
    asked = Asked()
    lane = Lane(asked.run, 100)
    first = [lane.ask(number) for number in (1, 2)]
    await eventually(lambda: asked.batches)
    second = [lane.ask(3)]
    await asyncio.sleep(0)
    second += [lane.ask(4)]
    asked.release.set()
    assert await asyncio.gather(*first, *second) == [-1, -2, -3, -4]
    assert asked.batches == [[1, 2], [3, 4]]


async def test_a_batch_is_bounded() -> None:
    asked = Asked()
    asked.release.set()
    lane = Lane(asked.run, 2)
    assert await asyncio.gather(*map(lane.ask, range(1, 6))) == [-1, -2, -3, -4, -5]
    assert asked.batches == [[1, 2], [3, 4], [5]]


async def test_one_that_fails_fails_alone() -> None:
    asked = Asked()
    asked.release.set()
    lane = Lane(asked.run, 100)
    answers = await asyncio.gather(*map(lane.ask, (12, 13, 14)), return_exceptions=True)
    assert answers[::2] == [-12, -14]
    assert isinstance(answers[1], ValueError)


async def test_a_batch_that_fails_fails_for_all_of_it_and_the_next_goes_on() -> None:
    asked = Asked()
    asked.release.set()
    lane = Lane(asked.run, 2)
    *failed, answer = await asyncio.gather(*map(lane.ask, (0, 1, 2)), return_exceptions=True)
    assert [str(each) for each in failed] == ["away", "away"]
    assert failed[0] is not failed[1], "one object raised in many tasks would collect all their tracebacks"
    assert answer == -2


async def test_nobody_waits_for_ever_for_an_answer_that_was_left_out() -> None:
    async def run(batch: list[int]) -> list[int | Exception]:
        return [number for number in batch if number != 2]

    answers = await asyncio.gather(*map(Lane(run, 100).ask, (1, 2, 3)), return_exceptions=True)
    assert [type(each) for each in answers] == [ValueError] * 3


async def test_who_no_longer_waits_keeps_nobody_waiting() -> None:
    asked = Asked()
    lane = Lane(asked.run, 100)
    gone, waiting = lane.ask(1), lane.ask(2)
    await eventually(lambda: asked.batches)
    gone.cancel()
    asked.release.set()
    assert await waiting == -2
    with pytest.raises(asyncio.CancelledError):
        await gone
