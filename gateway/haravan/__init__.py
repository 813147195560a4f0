"""HaraSocial and Haravan order webhooks: is a body really theirs, and what does it say of which order. Pure.

`signature` checks a body, `pushes` finds the order and its conversation in it, `orders` reads the order, `purchases`
what it is worth and who buys; `fields` has the reading of single fields. Fields keep Haravan's names.

Sources: https://docs.haravan.com/docs/omni-apis/orders and https://docs.haravan.com/docs/tutorials/webhooks
"""

from gateway.haravan.fields import BadPush
from gateway.haravan.pushes import Push, decode_push, is_order_topic
from gateway.haravan.signature import signature_matches

__all__ = ["BadPush", "Push", "decode_push", "is_order_topic", "signature_matches"]
