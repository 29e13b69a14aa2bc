"""The bare work of sealing and nothing else: `python floor.py FILE OUT [FOLDER]`.

FILE is read, hashed (SHA-256), encrypted in age's pieces (ChaCha20-Poly1305 of 64 KiB) and written to OUT by
the same libraries, in as many threads as help; with FOLDER a second process meanwhile reads and hashes each
file in it. No package comes of it: no names, CRC-32, manifest, signature or head. What sealing takes
longer than this is Comity's own; what this takes longer than `age` or SHA-256, the machine asks for.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from mmap import mmap

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

_CHUNK, _TAG = 1 << 16, 16
_CHUNKS, _BUFFERS, _WRITERS = 32, 6, 2


def _encrypt(
    aead: ChaCha20Poly1305, piece: memoryview, number: int, sealed: deque[memoryview], out: int
) -> None:
    target, used = sealed.popleft(), 0
    for at in range(0, len(piece), _CHUNK):
        plain = piece[at : at + _CHUNK]
        nonce = (number * _CHUNKS + at // _CHUNK).to_bytes(12, "big")
        used += aead.encrypt_into(nonce, plain, None, target[used : used + len(plain) + _TAG])
    os.pwrite(out, target[:used], number * _CHUNKS * (_CHUNK + _TAG))
    sealed.append(target)


def work(source: int, out: int) -> str:
    """Read, hash, encrypt and write; the digest, so that nothing was left out."""
    aead, hashing = ChaCha20Poly1305(os.urandom(32)), sha256()
    free = deque(memoryview(mmap(-1, _CHUNKS * _CHUNK)) for _ in range(_BUFFERS))
    sealed = deque(memoryview(mmap(-1, _CHUNKS * (_CHUNK + _TAG))) for _ in range(_WRITERS))
    busy: deque[tuple[memoryview, Future[None], Future[None]]] = deque()
    with ThreadPoolExecutor(1) as hasher, ThreadPoolExecutor(_WRITERS) as writers:
        number = 0
        while True:
            if not free:
                buffer, *users = busy.popleft()
                for user in users:
                    user.result()
                free.append(buffer)
            buffer = free.popleft()
            count = os.readv(source, [buffer])
            if not count:
                break
            piece = buffer[:count]
            done = writers.submit(_encrypt, aead, piece, number, sealed, out)
            busy.append((buffer, hasher.submit(hashing.update, piece), done))
            number += 1
    for _, *users in busy:
        for user in users:
            user.result()
    return hashing.hexdigest()


def _hash_each(folder: str) -> None:
    space = memoryview(bytearray(1 << 20))
    for inside, _, names in os.walk(folder):
        for name in names:
            file = os.open(f"{inside}/{name}", os.O_RDONLY)
            sha256(space[: os.readv(file, [space])]).digest()
            os.close(file)


if __name__ == "__main__":
    if sys.argv[3:] and not os.fork():
        _hash_each(sys.argv[3])
        os._exit(0)
    opened = os.open(sys.argv[1], os.O_RDONLY), os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT)
    print(work(*opened))
    if sys.argv[3:]:
        os.wait()
