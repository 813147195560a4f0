"""The signature of a Messenger webhook.

Source: https://developers.facebook.com/docs/graph-api/webhooks/getting-started, "Validating Payloads".
"""

import hmac


def signature_matches(secrets: tuple[str, ...], header: str | None, body: bytes) -> bool:
    """Tell whether ``X-Hub-Signature-256`` signs these very bytes with one of the app secrets, in constant time.

    Give it the bytes of the wire: Meta signs them with its own escapes, so JSON that was re-encoded does not match.
    """
    given = (header or "").encode(errors="replace")
    matches = [hmac.compare_digest(_sign(secret, body), given) for secret in secrets]
    return any(matches)


def _sign(secret: str, body: bytes) -> bytes:
    return b"sha256=" + hmac.digest(secret.encode(), body, "sha256").hex().encode()
