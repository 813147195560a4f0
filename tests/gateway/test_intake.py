"""How the door says no when a flood comes."""

import asyncio

from gateway.intake import REFUSED_AT_ONCE, Intake

FLOOD = 5 * REFUSED_AT_ONCE


async def test_refusals_of_a_flood_take_turns_and_all_come() -> None:
    """Between two turns those who were let in get on; a flood in one turn would keep them waiting."""
    intake = Intake()
    refused = 0

    async def refuse() -> None:
        nonlocal refused
        await intake.wait_to_refuse()
        refused += 1

    refusing = [asyncio.create_task(refuse()) for _ in range(FLOOD)]
    in_a_turn = []
    while refused < FLOOD:
        before = refused
        await asyncio.sleep(0)
        in_a_turn.append(refused - before)
    await asyncio.gather(*refusing)
    assert max(in_a_turn) <= REFUSED_AT_ONCE
