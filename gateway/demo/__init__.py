"""The demo: everything real but Meta, HaraSocial and TikTok, in one process, without any setting.

`stage` starts the service and a loopback TikTok, `story` plays a conversation over HTTP, `show` prints what came of it.
"""

from gateway.demo.run import run_demo

__all__ = ["run_demo"]
