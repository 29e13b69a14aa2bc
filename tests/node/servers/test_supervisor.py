from __future__ import annotations

import os
import signal
import socket
import time

import httpx
import pytest
from tests.node.servers.conftest import answers, comity, eventually, free_port

from comity.node import durable

pytestmark = pytest.mark.story


@pytest.fixture
def running(node):
    node.start()
    return node


def test_a_second_supervisor_of_one_folder_is_refused(running):
    # the supervisor, the worker, and twice gunicorn with its worker
    eventually(lambda: len(running.processes()) == 6, "not the six processes of a node")
    second = comity("node", "run", running.folder, check=False)
    assert second.returncode == 2
    assert "[node_running]" in second.stderr


@pytest.mark.parametrize("part", ["worker", "pages", "peers"])
def test_a_part_that_dies_is_started_again(running, part):
    first = running.part(part)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: running.part(part) != first, f"{part} did not come back")
    eventually(lambda: answers(running.listen) and answers(running.peer_listen), "no answer")
    assert f"{part}: ended with status -9" in running.log()


def test_everything_ends_with_the_supervisor(running):
    os.kill(running.running.pid, signal.SIGKILL)
    running.running.wait()
    eventually(lambda: running.processes() == [], "processes outlived their supervisor")
    running.running = None
    running.start()


def test_a_polite_stop_ends_everything(running):
    assert running.stop() == 0
    eventually(lambda: not running.processes(), "the node's processes to end")


def test_a_broken_disk_stops_the_whole_node(running):
    os.kill(running.running.pid, signal.SIGUSR1)  # what a process sends whose sync failed
    assert running.running.wait(60) == 2
    assert running.processes() == []
    assert "[disk_broken]" in running.log()
    running.running = None


def test_a_process_whose_sync_fails_tells_its_supervisor(tmp_path):
    told = []
    signal.signal(signal.SIGUSR1, lambda *_: told.append(True))
    child = os.fork()
    if child == 0:
        os.environ[durable.SUPERVISOR] = str(os.getppid())
        durable.stop(OSError(5, "Input/output error"))
    _, status = os.waitpid(child, 0)
    time.sleep(0.1)
    assert (os.waitstatus_to_exitcode(status), told) == (durable.EXIT_DISK_BROKEN, [True])
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)


def test_outside_a_demonstration_pages_want_https_and_others_pages_are_other_processes(node):
    providers, settings = f"127.0.0.1:{free_port()}", node.folder / "node.toml"
    node.reports_listen = f"127.0.0.1:{free_port()}"
    listens = f'provider_listen = "{providers}"\nreports_listen = "{node.reports_listen}"\n'
    settings.write_text(listens + settings.read_text("utf-8"), "utf-8")
    node.start()
    for door in (providers, node.reports_listen):
        eventually(lambda door=door: answers(door), f"no answer at {door}")
    asking = httpx.Client(timeout=60)
    for door in (node.listen, providers):
        page = asking.get(f"http://{door}/account/login/")
        assert page.status_code == 301
        assert page.headers["Location"].startswith("https://")
        host = asking.get(f"http://{door}/", headers={"Host": "attacker.example"})
        assert host.status_code == 400
    by_proxy = {"X-Forwarded-Proto": "https"}
    doors = {"/account/login/": node.listen, "/sign-in/": providers}
    for address, door in doors.items():
        page = asking.get(f"http://{door}{address}", headers=by_proxy)
        assert page.status_code == 200
        assert ("_provider_csrf" in page.headers["Set-Cookie"]) == (door == providers)
        other = providers if door == node.listen else node.listen
        assert asking.get(f"http://{other}{address}", headers=by_proxy).status_code == 404
    _leaves_no_trace(node)


def _leaves_no_trace(running):
    """The public's page answers, and what is asked of it, sound or not, is in no log."""
    before = running.log()
    speaks = {"X-Forwarded-Proto": "https", "User-Agent": "strange-agent"}
    with httpx.Client(base_url=f"http://{running.reports_listen}", headers=speaks, timeout=60) as stranger:
        assert stranger.get("/kk/").status_code == 200
        assert stranger.get("/desk/").status_code == 404
        assert stranger.post("/kk/report", data={"what": "-"}).status_code == 409
    host, port = running.reports_listen.split(":")
    for broken in (b"no request\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=20) as line:
            line.sendall(broken)
            assert b" 400 " in line.recv(100)
    assert running.log() == before


def test_the_peers_endpoint_speaks_to_nobody_without_a_known_certificate(running):
    with pytest.raises(httpx.TransportError):
        httpx.post(f"https://{running.peer_listen}/receipts", verify=False)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://{running.peer_listen}/")
