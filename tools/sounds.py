"""The two sounds of alerts, computed: ``python tools/sounds.py`` writes them anew, byte for byte the same."""

from __future__ import annotations

import math
import wave
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "src/comity/node/pages/static/comity/sounds"
RATE = 11_025
TONES = {
    "alert.wav": [(659, 0.18), (880, 0.30)],
    "emergency.wav": [(880, 0.16), (0, 0.05), (880, 0.16), (0, 0.05), (1175, 0.45)],
}
"""Pitch in hertz (0: silence) and length in seconds, one after the other."""


def tone(pitch: float, length: float) -> bytes:
    """A bell: the pitch and its octave, dying away; unsigned bytes around 128."""
    count = int(RATE * length)
    rise = RATE * 0.005
    samples = bytearray()
    for n in range(count):
        loud = min(1.0, n / rise) * math.exp(-4.0 * n / count) * min(1.0, (count - n) / rise)
        turn = 2 * math.pi * pitch * n / RATE
        samples.append(round(128 + 90 * loud * (math.sin(turn) + 0.35 * math.sin(2 * turn)) / 1.35))
    return bytes(samples)


def main() -> None:
    """Write both files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, tones in TONES.items():
        with wave.open(str(FOLDER / name), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(1)
            sound.setframerate(RATE)
            sound.writeframes(b"".join(tone(*each) for each in tones))


if __name__ == "__main__":
    main()
