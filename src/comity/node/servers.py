"""The two servers of a node, each a process of its own: pages for people, and mutual TLS for peers."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn.app.base import BaseApplication

from comity.node import lifeline
from comity.node.config import NodeConfig
from comity.node.exchange import door
from comity.node.stack import with_room

THREADS, PEER_THREADS = 8, 16


class Server(BaseApplication):
    """Gunicorn with one process and threads, configured here and nowhere else."""

    def __init__(self, load: Callable[[], Any], options: dict[str, Any]) -> None:
        self._load, self._options = load, options
        super().__init__()  # type: ignore[no-untyped-call]

    def load_config(self) -> None:
        """Take the options."""
        assert self.cfg is not None
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI application, made in the worker."""
        return partial(with_room, self._load())

    def serve(self) -> None:
        """Serve until told to stop."""
        self.run()  # type: ignore[no-untyped-call]


def people(node: NodeConfig, address: str) -> Server:
    """The pages. Outside a demonstration a proxy in front speaks TLS."""

    def load() -> Any:
        from django.core.wsgi import get_wsgi_application

        return get_wsgi_application()

    return Server(load, _options(node, address))


def providers(node: NodeConfig, address: str) -> Server:
    """The pages and the interface of providers; this process serves nothing else."""

    def load() -> Any:
        from comity.node.providers import listener

        return listener.application()

    return Server(load, _options(node, address) | {"threads": 4})


def previews(node: NodeConfig, address: str) -> Server:
    """Previews of exhibits, on an origin without sessions or scripts."""

    def load() -> Any:
        from comity.node.exhibits.preview_server import application

        return application

    return Server(load, _options(node, address) | {"threads": 2})


def reports(node: NodeConfig, address: str) -> Server:
    """The public's page. It logs nothing: gunicorn's own messages name addresses."""

    def load() -> Any:
        from comity.node.reports.public.application import application

        return application()

    return Server(load, _options(node, address) | {"threads": 4, "loglevel": "critical"})


def health(node: NodeConfig, address: str) -> Server:
    """Health and figures for monitoring, on this machine alone."""

    def load() -> Any:
        from comity.node.health import application

        return application

    return Server(load, _options(node, address) | {"threads": 2})


def peers(node: NodeConfig, address: str) -> Server:
    """The peers' endpoint. Its TLS context is made for each connection, so a new peer is known at once."""

    def load() -> Any:
        from comity.node.exchange.peer_server import application

        return application

    def context(conf: Any, default: Any) -> ssl.SSLContext:
        from comity.node.exchange.tls import server_context

        made = server_context()
        made.sslsocket_class = door.MeteredSocket
        return made

    options = {
        "certfile": str(node.keys / "tls.crt"),
        "keyfile": str(node.keys / "tls.key"),
        "ssl_context": context,
        "worker_class": door.Door,
        "worker_connections": door.CONNECTIONS,
        "threads": PEER_THREADS,
        "keepalive": door.KEPT,
    }
    return Server(load, _options(node, address) | options)


def _options(node: NodeConfig, address: str) -> dict[str, Any]:
    return {
        "bind": address,
        "workers": 1,
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": 120,
        "graceful_timeout": 10,
        "worker_tmp_dir": str(node.folder / "run"),
        "control_socket_disable": True,
        "loglevel": "warning",
        "proc_name": f"comity {node.id}",
        "post_fork": lambda server, worker: lifeline.follow_parent(),
    }
