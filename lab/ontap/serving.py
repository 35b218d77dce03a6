"""Serving with TLS, as ONTAP does."""

from __future__ import annotations

from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from lab.http.serving import server_config
from lab.ontap.tls import server_context


def new_server(app: Starlette, directory: Path) -> uvicorn.Server:
    """A server for the application with the certificate of that directory."""
    pair = {"ssl_certfile": str(directory / "server.pem"), "ssl_keyfile": str(directory / "server.key")}
    config = server_config(app, **pair)
    config.load()
    config.ssl = server_context(directory)
    return uvicorn.Server(config)
