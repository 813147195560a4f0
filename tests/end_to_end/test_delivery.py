"""From a customer's words to TikTok's count, through real processes, over HTTP only."""

from tests.end_to_end.world import World


async def test_web_and_sender_bring_a_conversation_and_its_order_to_tiktok(world: World, real_redis_url: str) -> None:
    world.settings["REDIS_URL"] = real_redis_url
    await world.start_web()
    sender = world.start("sender")
    await world.connect_page()
    assert await world.customer_comes_and_writes() == 200
    await world.tiktok_gets("Conversation")
    assert await world.order_is_confirmed() == 200
    await world.tiktok_gets("Conversation", "InitiateCheckout", "CompletePayment")
    assert sender.alive


async def test_the_web_process_alone_does_it_all_with_the_embedded_store(world: World) -> None:
    web = await world.start_web()
    assert "store.not_durable" in web.log
    await world.connect_page()
    assert await world.customer_comes_and_writes() == 200
    await world.tiktok_gets("Conversation")


async def test_any_number_of_each_run_side_by_side_and_repetition_changes_nothing(
    world: World, real_redis_url: str
) -> None:
    world.settings["REDIS_URL"] = real_redis_url
    await world.start_web()
    await world.connect_page()
    first = world.url
    await world.start_web()
    second = world.url
    for _ in range(2):
        world.start("sender")
    for world.url in (first, second, first):
        assert await world.customer_comes_and_writes() == 200
        assert await world.order_is_confirmed() == 200
    await world.tiktok_gets("Conversation", "InitiateCheckout", "CompletePayment")


async def test_nothing_secret_or_private_is_logged(world: World, real_redis_url: str) -> None:
    world.settings["REDIS_URL"] = real_redis_url
    web = await world.start_web()
    sender = world.start("sender")
    await world.connect_page()
    await world.customer_comes_and_writes()
    await world.tiktok_gets("Conversation")
    logged = web.log + sender.log
    private = ["words that nobody may see", "token-that-nobody-may-see", *world.settings.values()]
    private.remove(real_redis_url)
    assert [word for word in private if word in logged] == []
    assert "event.fired" in logged
