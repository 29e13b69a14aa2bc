"""The examples of proxies in ``deploy`` before a server that writes down what reaches it.

They let the largest chunk of evidence through, and say who asks whatever the client says about itself.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import RequestFactory
from tests import packages

from comity.node import clients, config
from comity.node.exhibits import uploads
from comity.node.reports.public import application as reports

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PORTS = {"comity.example": 8000, "providers.example": 8003, "previews.example": 8002}
nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
caddy = pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not installed")
pytestmark = pytest.mark.foreign
REFUSED = (413, 502)
"""What is too large: nginx says so, Caddy cuts it off on its way."""
Change = Callable[[str], str]


def unchanged(text: str) -> str:
    return text


@dataclass
class Seen:
    """What reached one of the node's servers."""

    headers: dict[str, str]
    path: str
    bytes: int


@dataclass
class Behind:
    """Servers in the node's place, by the name that people use, and what reached each."""

    ports: dict[str, int] = field(default_factory=dict)
    seen: dict[str, list[Seen]] = field(default_factory=dict)


@pytest.fixture
def behind() -> Iterator[Behind]:
    made, servers = Behind(), []
    for name in (*PORTS, "reports.example"):
        made.seen[name] = []
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made.seen[name]))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made.ports[name] = server.server_port
        servers.append(server)
    yield made
    for server in servers:
        server.shutdown()
        server.server_close()


def _handler(seen: list[Seen]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            length = int(self.headers["Content-Length"])
            read = 0
            while read < length and (piece := self.rfile.read(min(length - read, 1 << 20))):
                read += len(piece)
            seen.append(Seen({name.lower(): said for name, said in self.headers.items()}, self.path, read))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *said: Any) -> None:
            pass

    return Handler


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def nodes(text: str, behind: Behind) -> str:
    """The example with the servers of this test in the node's place."""
    for name, port in {**PORTS, "reports.example": 8004}.items():
        text = re.sub(rf"127\.0\.0\.1:{port}\b", f"127.0.0.1:{behind.ports[name]}", text)
    return text


@pytest.fixture
def proxy(tmp_path: Path, behind: Behind) -> Iterator[Callable[..., Put]]:
    """Starts nginx or Caddy with an example; gives what puts bytes through it."""
    started: list[subprocess.Popen[bytes]] = []

    def start(example: str, change: Change = unchanged) -> Put:
        port = free_port()
        text = change(nodes((DEPLOY / example).read_text("utf-8"), behind))
        command = (_nginx if example.endswith(".nginx") else _caddy)(tmp_path, text, port)
        homes = {name: str(tmp_path) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
        with (tmp_path / "said").open("wb") as said:
            started.append(subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, **homes}))
        _wait(port, started[-1], tmp_path / "said")
        return Put(port)

    yield start
    for process in started:
        process.terminate()
        process.wait(20)


def _nginx(folder: Path, text: str, port: int) -> list[str]:
    keys = packages.key_folder()
    text = re.sub(r"ssl_certificate( +)\S+;", rf"ssl_certificate\1{keys / 'tls.crt'};", text)
    text = re.sub(r"ssl_certificate_key( +)\S+;", rf"ssl_certificate_key\1{keys / 'tls.key'};", text)
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    text = text.replace("listen 80", f"listen 127.0.0.1:{free_port()}")
    temporary = "".join(
        f"{each}_temp_path {folder / each};\n"
        for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''}\ndaemon off;\nworker_processes 1;\n"
        f"pid {folder / 'pid'};\nerror_log {folder / 'errors'} warn;\nevents {{}}\n"
        f"http {{\naccess_log {folder / 'asked'};\n{temporary}{text}\n}}\n"
    )
    return ["nginx", "-e", str(folder / "errors"), "-c", str(folder / "nginx.conf")]


_OLDER = r"\1buffer_requests\n\1max_buffer_size \2"
"""What the examples' heads say of Caddy before 2.7."""


def _caddy(folder: Path, text: str, port: int) -> list[str]:
    keys = packages.key_folder()
    text = re.sub(
        r"^(\w+\.example) \{$",
        rf"https://\1:{port} {{\n\ttls {keys / 'tls.crt'} {keys / 'tls.key'}",
        text,
        flags=re.MULTILINE,
    )
    if re.match(r"v?2\.[0-6]\.", subprocess.check_output(["caddy", "version"], text=True)):
        text = re.sub(r"^(\t\t)request_buffers (\S+)", _OLDER, text, flags=re.MULTILINE)
    settings = "\tadmin off\n\tauto_https disable_redirects\n"
    text = text.replace("{\n\tlog default", f"{{\n{settings}\tlog default", 1)
    if settings not in text:
        text = f"{{\n{settings}}}\n{text}"
    (folder / "Caddyfile").write_text(text)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


def _wait(port: int, process: subprocess.Popen[bytes], said: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, said.read_text()
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(said.read_text())


@dataclass(frozen=True)
class Put:
    """Puts so many bytes to a name through the proxy, with headers of the client's own; the status."""

    port: int

    def __call__(self, name: str, size: int, path: str = "/", **headers: str) -> int:
        with httpx.Client(verify=False, trust_env=False, timeout=60) as client:
            answer = client.put(
                f"https://127.0.0.1:{self.port}{path}",
                content=bytes(size),
                headers={"Host": name, **{key.replace("_", "-"): said for key, said in headers.items()}},
                extensions={"sni_hostname": name},
            )
            return answer.status_code


def without(directive: str) -> Change:
    def change(text: str) -> str:
        assert directive in text
        return text.replace(directive, "")

    return change


EXAMPLES = pytest.mark.parametrize(
    "example", [pytest.param("pages.nginx", marks=nginx), pytest.param("pages.caddy", marks=caddy)]
)


@EXAMPLES
def test_the_largest_chunk_passes_and_each_name_reaches_its_server(
    example: str, proxy: Any, behind: Behind, tmp_path: Path
) -> None:
    put = proxy(example)
    assert put("comity.example", uploads.CHUNK_MOST, "/exhibits/uploads/1?a=%2F") == 204
    (seen,) = behind.seen["comity.example"]
    assert (seen.bytes, seen.path) == (uploads.CHUNK_MOST, "/exhibits/uploads/1?a=%2F")
    assert (seen.headers["host"], seen.headers["x-forwarded-proto"]) == ("comity.example", "https")
    assert put("comity.example", uploads.CHUNK_MOST + (2 << 20)) in REFUSED
    for name in ("providers.example", "previews.example"):
        assert put(name, 10) == 204
        assert len(behind.seen[name]) == 1
    assert "temporary file" not in _errors(tmp_path)
    if example == "pages.nginx":
        assert put("other.example", 10) == 421
    else:
        with pytest.raises(httpx.ConnectError):
            put("other.example", 10)


@EXAMPLES
def test_the_node_hears_who_asks_whatever_the_client_writes(
    example: str, proxy: Any, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = proxy(example)
    forged = {"X_Forwarded_For": "198.51.100.7", "X_Forwarded_Proto": "http"}
    assert put("comity.example", 10, **forged) == 204
    (seen,) = behind.seen["comity.example"]
    assert seen.headers["x-forwarded-proto"] == "https"
    node = replace(config.current(), trusted_proxies=["10.20.0.3"])
    monkeypatch.setattr(config, "current", lambda: node)
    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.20.0.3", HTTP_X_FORWARDED_FOR=seen.headers["x-forwarded-for"]
    )
    assert clients.address(request) == "127.0.0.1"  # whom the proxy was asked by
    assert "198.51.100.7" not in seen.headers["x-forwarded-for"]


@nginx
def test_without_its_lines_nginx_refuses_the_chunk_or_writes_it_down(
    proxy: Any, behind: Behind, tmp_path: Path
) -> None:
    """The controls: what a proxy without them would do."""
    assert proxy("pages.nginx", without("client_max_body_size 65m;"))("comity.example", 8 << 20) == 413
    assert behind.seen["comity.example"] == []
    put = proxy("pages.nginx", without("client_body_buffer_size 65m;"))
    assert put("comity.example", 8 << 20) == 204
    assert "buffered to a temporary file" in _errors(tmp_path)
    put = proxy("pages.nginx", without("proxy_set_header X-Forwarded-For $remote_addr;"))
    assert put("comity.example", 1, X_Forwarded_For="198.51.100.7") == 204
    assert behind.seen["comity.example"][-1].headers["x-forwarded-for"] == "198.51.100.7"


@nginx
def test_an_invitation_stands_in_no_log_of_the_proxy(proxy: Any, behind: Behind, tmp_path: Path) -> None:
    put = proxy("pages.nginx")
    assert put("providers.example", 1, "/invitation/secret-word") == 204
    assert put("providers.example", 1, "/orders/") == 204
    end = time.monotonic() + 10  # it writes after it has answered
    while "/orders/" not in (asked := (tmp_path / "asked").read_text()) and time.monotonic() < end:
        time.sleep(0.05)
    assert "/orders/" in asked
    assert "secret-word" not in asked + _errors(tmp_path)


@pytest.mark.parametrize(
    "example", [pytest.param("reports.nginx", marks=nginx), pytest.param("reports.caddy", marks=caddy)]
)
def test_the_public_reaches_the_page_of_reports_without_an_address(
    example: str, proxy: Any, behind: Behind, tmp_path: Path
) -> None:
    put = proxy(example)
    told = {"X_Forwarded_For": "198.51.100.7", "X_Real_IP": "198.51.100.7", "Cookie": "a=b", "Referer": "x"}
    assert put("reports.example", 60 << 20, "/en/report", **told) == 204
    (seen,) = behind.seen["reports.example"]
    assert seen.headers["x-forwarded-proto"] == "https"
    for name in ("x-forwarded-for", "x-real-ip", "cookie", "referer"):
        assert not seen.headers.get(name)
    assert put("reports.example", reports.MOST_BYTES + (2 << 20), "/en/report") in REFUSED
    assert "127.0.0.1" not in (tmp_path / "said").read_text() + _errors(tmp_path)


def _errors(folder: Path) -> str:
    written = folder / "errors"
    return written.read_text() if written.exists() else ""
