"""``python -m gateway.sandbox --port N``: prints its base URL (for ``TIKTOK_API_URL``) as one line, and serves."""

import socket

import typer
from aiohttp import web

from gateway.sandbox import API_PATH, Sandbox, make_sandbox


def main(port: int = 0) -> None:
    """Serve a loopback TikTok until interrupted. Port 0 takes a free one."""
    # Listening before the line is printed: whoever reads it can connect at once.
    listener = socket.create_server(("127.0.0.1", port))
    typer.echo(f"http://127.0.0.1:{listener.getsockname()[1]}{API_PATH}")
    web.run_app(make_sandbox(Sandbox()), sock=listener, print=None)


if __name__ == "__main__":
    typer.run(main)
