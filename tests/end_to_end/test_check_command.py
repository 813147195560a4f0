"""``python -m gateway check``, as an operator runs it."""

from tests.end_to_end.world import World


def test_all_is_well_with_a_good_redis_and_a_tiktok_that_answers(world: World, real_redis_url: str) -> None:
    process = world.start("check", REDIS_URL=real_redis_url)
    assert process.end() == 0
    assert "ok      TikTok" in process.output()


def test_a_problem_gives_code_1_and_says_what_to_do(world: World, real_redis_url: str) -> None:
    process = world.start("check", REDIS_URL=real_redis_url, TIKTOK_API_URL="http://127.0.0.1:9")
    assert process.end() == 1
    output = process.output()
    assert "problem TikTok" in output
    assert "check TIKTOK_API_URL" in output


def test_wrong_settings_are_problems_too(world: World) -> None:
    process = world.start("check", ADMIN_TOKEN="", PORT="x")
    assert process.end() == 1
    assert [line.split()[0] for line in process.log.splitlines()] == ["PORT", "ADMIN_TOKEN"]
