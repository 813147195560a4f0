"""TikTok's access tokens at rest: encrypted before they go to the store, opened only to be sent to TikTok."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet


class Vault:
    """Encrypts with the first of its keys and opens with any, so that keys can be rotated by adding one in front.

    https://cryptography.io/en/latest/fernet/#cryptography.fernet.MultiFernet
    """

    def __init__(self, keys: Sequence[str]) -> None:
        """Take Fernet keys (32 bytes, URL-safe base64). Raises ValueError when one is none, or there is none."""
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def encrypt(self, token: str) -> str:
        """Close a token; never twice the same text."""
        return self._fernet.encrypt(token.encode()).decode()

    def decrypt(self, ciphertext: str) -> str:
        """Open a token. Raises cryptography.fernet.InvalidToken when none of the keys closed it."""
        return self._fernet.decrypt(ciphertext.encode()).decode()

    def rotate(self, ciphertext: str) -> str:
        """Close again with the first key what any of the keys closed. Raises InvalidToken like `decrypt`."""
        return self._fernet.rotate(ciphertext.encode()).decode()
