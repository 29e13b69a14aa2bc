"""The calls of S3 that the node uses, answered from memory: a bucket for tests, on a free port.

After the reference of the Amazon S3 API (PutObject, GetObject, HeadObject, DeleteObject, DeleteObjects,
ListObjectsV2 and multipart uploads); requests without a signature of the right key id are refused.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET, KEY_ID, SECRET = "evidence", "test-key-id", "test-secret"
_DATE = "2027-06-12T03:12:00.000Z"


class Bucket(ThreadingHTTPServer):
    """What is stored, every request that came, and whether the next are refused."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.requests: list[str] = []
        self.away = False

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running() -> Iterator[Bucket]:
    """A bucket that answers until the block ends."""
    bucket = Bucket()
    threading.Thread(target=bucket.serve_forever, daemon=True).start()
    try:
        yield bucket
    finally:
        bucket.shutdown()
        bucket.server_close()


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Bucket

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _begin(self) -> tuple[str, dict[str, list[str]], bytes] | None:
        body = self._body()
        parts = urlsplit(self.path)
        self.server.requests.append(f"{self.command} {self.path}")
        if self.server.away:
            self._say(503)
            return None
        if f"Credential={KEY_ID}/" not in self.headers.get("Authorization", ""):
            self._say(403)
            return None
        path = unquote(parts.path).removeprefix(f"/{BUCKET}").lstrip("/")
        return path, parse_qs(parts.query, keep_blank_values=True), body

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", headers.get("Size", str(len(body))))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_PUT(self) -> None:
        if (begun := self._begin()) is None:
            return
        key, query, body = begun
        tag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        if "uploadId" in query:
            self.server.parts[query["uploadId"][0]][int(query["partNumber"][0])] = body
        elif self.headers.get("If-None-Match") == "*" and key in self.server.objects:
            self._say(412)
            return
        else:
            self.server.objects[key] = body
        self._say(200, ETag=tag)

    def do_POST(self) -> None:
        if (begun := self._begin()) is None:
            return
        key, query, body = begun
        if "delete" in query:
            keys = [unquote(each) for each in re.findall(r"<Key>(.*?)</Key>", body.decode())]
            for each in keys:
                self.server.objects.pop(each, None)
            done = "".join(f"<Deleted><Key>{escape(each)}</Key></Deleted>" for each in keys)
            self._say(200, _xml("DeleteResult", done))
        elif "uploads" in query:
            name = str(len(self.server.parts))
            self.server.parts[name] = {}
            answer = f"<UploadId>{name}</UploadId>"
            self._say(
                200, f"<InitiateMultipartUploadResult>{answer}</InitiateMultipartUploadResult>".encode()
            )
        else:
            parts = self.server.parts.pop(query["uploadId"][0])
            self.server.objects[key] = b"".join(parts[number] for number in sorted(parts))
            answer = (
                f"<CompleteMultipartUploadResult><ETag>{len(parts)}</ETag></CompleteMultipartUploadResult>"
            )
            self._say(200, answer.encode())

    def do_GET(self) -> None:
        if (begun := self._begin()) is None:
            return
        key, query, _ = begun
        if "list-type" in query:
            self._say(200, self._listed(query.get("prefix", [""])[0]))
            return
        data = self.server.objects.get(key)
        if data is None:
            self._say(404)
            return
        headers = {"ETag": '"x"', "Last_Modified": "Sat, 12 Jun 2027 03:12:00 GMT"}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted is None:
            headers |= {"Size": str(len(data))} if self.command == "HEAD" else {}
            self._say(200, data, **headers)
            return
        first, last = int(wanted[1]), min(int(wanted[2]), len(data) - 1)
        span = f"bytes {first}-{last}/{len(data)}"
        self._say(206, data[first : last + 1], Content_Range=span, **headers)

    do_HEAD = do_GET  # noqa: N815 -- the name that the base class calls

    def do_DELETE(self) -> None:
        if (begun := self._begin()) is not None:
            self.server.objects.pop(begun[0], None)
            self._say(204)

    def _listed(self, prefix: str) -> bytes:
        found = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(data)}</Size>"
            f"<LastModified>{_DATE}</LastModified><ETag>x</ETag></Contents>"
            for key, data in sorted(self.server.objects.items())
            if key.startswith(prefix)
        )
        return _xml("ListBucketResult", f"<IsTruncated>false</IsTruncated>{found}")


def _xml(name: str, inside: str) -> bytes:
    return f"<{name}>{inside}</{name}>".encode()
