"""Bech32 (BIP 173) without its limit of 90 characters, as age writes keys.

Receives bytes and a prefix, or a text; returns the other; mixed case or a wrong checksum is
refused.
"""

from __future__ import annotations

_SIGNS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {sign: value for value, sign in enumerate(_SIGNS)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECK = 6


def encode(prefix: str, data: bytes) -> str:
    """The text of ``data`` behind a prefix in lower case."""
    values = _regrouped(data, 8, 5)
    checksum = _polymod([*_expanded(prefix), *values, *([0] * _CHECK)]) ^ 1
    values += [(checksum >> 5 * (_CHECK - 1 - at)) & 31 for at in range(_CHECK)]
    return f"{prefix}1{''.join(_SIGNS[value] for value in values)}"


def decode(text: str) -> tuple[str, bytes]:
    """Prefix (lower case) and bytes; raise ValueError for anything that is not exactly one spelling."""
    if text not in (text.lower(), text.upper()):
        raise ValueError("mixed case")  # noqa: EM101 -- the caller has the sentence for people
    prefix, _, tail = text.lower().rpartition("1")
    if not prefix or len(tail) < _CHECK or any(not 33 <= ord(sign) <= 126 for sign in prefix):
        raise ValueError("shape")  # noqa: EM101
    try:
        values = [_VALUES[sign] for sign in tail]
    except KeyError:
        raise ValueError("sign") from None  # noqa: EM101
    if _polymod([*_expanded(prefix), *values]) != 1:
        raise ValueError("checksum")  # noqa: EM101
    values = values[:-_CHECK]
    if len(values) * 5 % 8 >= 5 or (values and values[-1] & ((1 << len(values) * 5 % 8) - 1)):
        raise ValueError("padding")  # noqa: EM101
    return prefix, bytes(_regrouped(values, 5, 8)[: len(values) * 5 // 8])


def _expanded(prefix: str) -> list[int]:
    return [*(ord(sign) >> 5 for sign in prefix), 0, *(ord(sign) & 31 for sign in prefix)]


def _regrouped(values: bytes | list[int], width: int, wanted: int) -> list[int]:
    """Numbers of ``width`` bits as numbers of ``wanted`` bits, filled up with zeros."""
    total = sum(value << width * at for at, value in enumerate(reversed(values)))
    count = -(-len(values) * width // wanted)
    total <<= count * wanted - len(values) * width
    return [(total >> wanted * (count - 1 - at)) & ((1 << wanted) - 1) for at in range(count)]


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate(_GENERATOR):
            check ^= term if top >> bit & 1 else 0
    return check
