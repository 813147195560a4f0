"""The signature of a Haravan or HaraSocial webhook.

Source: https://docs.haravan.com/docs/tutorials/webhooks/private-webhook
"""

import base64
import hmac


def signature_matches(secrets: tuple[str, ...], header: str | None, body: bytes) -> bool:
    """Tell whether ``X-Haravan-HmacSha256`` signs these very bytes with one of the secrets, in constant time."""
    given = (header or "").encode(errors="replace")
    matches = [hmac.compare_digest(_sign(secret, body), given) for secret in secrets]
    return any(matches)


def _sign(secret: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256"))
