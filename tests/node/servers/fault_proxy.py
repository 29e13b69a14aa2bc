"""The line from one node to another, which a test cuts, stalls, resets or makes deaf. It reads nothing."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

FAULTS = ("cut", "stall", "reset", "deaf")
"""Nobody answers; bytes stop; connections are torn down; what is asked arrives and no answer comes back."""


class Line:
    """A port of this machine that leads connections on to ``target`` (``host:port``), as the line stands."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._whole = threading.Event()
        self._whole.set()
        self.fault = ""
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def break_it(self, fault: str) -> None:
        """From now on the line has this fault."""
        self.fault = fault
        self._whole.clear()
        if fault in ("cut", "reset"):
            self._tear_down()

    def heal(self) -> None:
        """The line is whole; what hung on the broken one is torn down, as a router does after its pause."""
        self._tear_down()
        self.fault = ""
        self._whole.set()

    def close(self) -> None:
        """No line any more."""
        self._listening.close()
        self.break_it("reset")
        self._whole.set()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if self.fault in ("cut", "reset"):
                _reset(near)
                continue
            with suppress(OSError):
                far = socket.create_connection(self._target, timeout=5)
                far.settimeout(None)
                with self._lock:
                    self._open += [near, far]
                threading.Thread(target=self._lead, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._lead, args=(far, near, True), daemon=True).start()

    def _lead(self, source: socket.socket, target: socket.socket, back: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self.fault == "stall" or (self.fault == "deaf" and back):
                    self._whole.wait()
                    break
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _tear_down(self) -> None:
        with self._lock:
            torn, self._open = self._open, []
        for each in torn:
            _reset(each)


def _reset(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
