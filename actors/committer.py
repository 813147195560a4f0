"""Group commit: all that is ready in one turn of the event loop goes to Redis as one script call.

While a call is in flight the next batch gathers. On Redis Cluster every partition has its own lane, since one call can
touch one slot only; on a single Redis there is one lane.
"""

import asyncio

from redis.asyncio.cluster import RedisCluster

from actors import keys, metrics
from actors.aside import set_aside
from actors.commits import Commit, CommitReply, Result, read_result, script_arguments, script_keys
from actors.lane import Lane, Lanes
from actors.scripts import Argument, Script, Store
from actors.together import Together
from rules.facts import ConversationId, Fact

BATCH = 128
"""Most commits in one script call, so that no call keeps Redis busy for long."""


class Committer:
    """Takes commits and resolves each with what the store did.

    With `durable_on_replica` a commit is acknowledged only when WAIT, on the very connection that wrote, says that a
    replica has it.
    """

    def __init__(self, store: Store, *, durable_on_replica: bool = False) -> None:
        """Bind to a store. Nothing is sent before the first commit."""
        self._together = Together(store, durable_on_replica=durable_on_replica)
        # Commits come in batches already: only WAIT needs a pipeline around the one call.
        self._script = Script(store, "commit", self._together if durable_on_replica else None)
        self._in_lanes = isinstance(store, RedisCluster)
        self._lanes: Lanes[int, Commit, Result] = Lanes(lambda _: Lane(self.run, BATCH))

    def commit(self, commit: Commit) -> "asyncio.Future[Result]":
        """Store a turn; the future says what the store did. It raises StoreUnavailable when that is not known."""
        return self._lanes.ask(keys.partition(commit.conversation.page_id) if self._in_lanes else 0, commit)

    async def set_aside(self, conversation: ConversationId, facts: tuple[Fact, ...], error: str) -> None:
        """Keep facts that can never be committed. Raises StoreUnavailable."""
        await set_aside(self._together, conversation, facts, error)

    async def run(self, commits: list[Commit]) -> list[Result]:
        """Run one script call."""
        all_keys: list[str] = []
        arguments: list[Argument] = [len(commits)]
        for commit in commits:
            all_keys += script_keys(commit)
            arguments += script_arguments(commit)
        with metrics.COMMIT_SECONDS.time():
            replies: list[CommitReply] = await self._script(all_keys, arguments)
        metrics.COMMIT_BATCH.observe(len(commits))
        return [read_result(reply) for reply in replies]
