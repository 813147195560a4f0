"""Errors of this package. Each says what the caller can do.

ActorError
├── Overloaded          this process has too much waiting: refuse, the sender of the webhook repeats
├── StoreUnavailable    Redis did not (provably) commit: refuse, the sender of the webhook repeats
│   └── WrongStoreUrl   and will not before an operator changes something: do not start
├── StoreMisconfigured  Redis would lose data: do not start
├── StoredDamage        what is stored cannot be read: an operator must mend it, forget it or write it anew
└── ConnectionRenewed   the page has another token since the caller read its connection: read it again, decide anew
"""


class ActorError(Exception):
    """Something in the store or the actors stopped the work."""


class Overloaded(ActorError):  # noqa: N818  names a state, as its siblings do
    """Too much is waiting in this process. Nothing was stored; try again later."""


class StoreUnavailable(ActorError):  # noqa: N818
    """Redis is away, read-only, full or too slow. The outcome may be unknown; repeating is safe."""


class WrongStoreUrl(StoreUnavailable):
    """Somebody answers, but not to this URL: its password, user, database, TLS or kind of Redis is wrong.

    While we run it is a StoreUnavailable like others: a password is being changed, perhaps, and will fit again.
    """


class StoreMisconfigured(ActorError):  # noqa: N818
    """Redis runs, but with settings under which acknowledged data could be lost."""


class StoredDamage(ActorError):  # noqa: N818
    """Something else than we wrote lies under a key. Repeating does not help; its text says what does."""


class ConnectionRenewed(ActorError):  # noqa: N818
    """The page has got another token since the caller read its connection. Nothing was changed; read it again."""


def for_each(error: Exception) -> Exception:
    """Return the error for one of many who wait: one object raised in many tasks would collect all their tracebacks."""
    return type(error)(str(error)) if isinstance(error, ActorError) else error
