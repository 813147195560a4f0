"""The type of a store in tests.

redis-py types every reply for both of its decoding settings at once, so that nothing could be read without a cast. Our
stores never decode: replies are bytes, and the tests say what they expect of them.
"""

from typing import Any, TypeAlias

Store: TypeAlias = Any
