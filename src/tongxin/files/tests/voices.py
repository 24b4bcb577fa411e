"""Recordings as devices write them, as small as their containers can be; what they say is silence."""

from __future__ import annotations

import struct


def element(name: int, content: bytes, *, open_ended: bool = False) -> bytes:
    """An element of WebM; ``open_ended``: its length is not known while it is written."""
    head = name.to_bytes((name.bit_length() + 7) // 8, "big")
    size = b"\x01" + b"\xff" * 7 if open_ended else b"\x08" + len(content).to_bytes(4, "big")
    return head + size + content


def voice_track() -> bytes:
    return element(0xD7, b"\x01") + element(0x83, b"\x02") + element(0x86, b"A_OPUS")


def webm(*, seconds: int = 2, open_ended: bool = False, track: bytes = b"", second: bytes = b"") -> bytes:
    """Opus in WebM: Chromium's recorder."""
    tracks = element(0xAE, track or voice_track()) + (element(0xAE, second) if second else b"")
    clusters = b"".join(
        element(
            0x1F43B675,
            element(0xE7, (n * 1000).to_bytes(4, "big"))
            + element(0xA3, b"\x81" + struct.pack(">h", 0) + b"\x80" + b"\xf8\xff\xfe")
            + element(0xA3, b"\x81" + struct.pack(">h", 1000) + b"\x80" + b"\xf8\xff\xfe"),
            open_ended=open_ended,
        )
        for n in range(seconds)
    )
    info = element(0x1549A966, element(0x2AD7B1, (1_000_000).to_bytes(3, "big")))
    body = info + element(0x1654AE6B, tracks) + clusters
    head = element(0x1A45DFA3, element(0x4282, b"webm"))
    return head + element(0x18538067, body, open_ended=open_ended)


def ogg(*, first: bytes = b"") -> bytes:
    """Two seconds of Opus in Ogg."""
    head = first or b"OpusHead\x01\x01" + struct.pack("<HIhB", 312, 48_000, 0, 0)
    pages = [(2, 0, head), (0, 0, b"OpusTags" + bytes(8)), (4, 96_312, b"\xf8\xff\xfe" * 20)]
    return b"".join(
        struct.pack("<4sBBqIIIB", b"OggS", 0, kind, at, 7, n, 0, 1) + bytes([len(body)]) + body
        for n, (kind, at, body) in enumerate(pages)
    )


def atom(name: bytes, content: bytes) -> bytes:
    """A box of MP4."""
    return struct.pack(">I4s", 8 + len(content), name) + content


def m4a(*, handler: bytes = b"soun", codec: bytes = b"mp4a", more: bytes = b"", moov_more: bytes = b"") -> bytes:
    """Two seconds of AAC in MP4: an iPhone's recorder."""
    sample = atom(b"stsd", struct.pack(">II", 0, 1) + atom(codec, bytes(28)))
    media = atom(b"hdlr", bytes(8) + handler + bytes(12)) + atom(b"minf", atom(b"stbl", sample))
    movie = atom(b"mvhd", bytes(12) + struct.pack(">II", 1000, 2000) + bytes(80))
    track = atom(b"trak", atom(b"mdia", media))
    head = atom(b"ftyp", b"M4A \x00\x00\x00\x00M4A mp42")
    return head + atom(b"moov", movie + track + moov_more) + atom(b"mdat", bytes(200)) + more


def mp3(*, tag: bytes = b"") -> bytes:
    """A second of MPEG 1 layer III at 64 kbit/s."""
    notes = b"ID3\x04\x00\x00" + bytes([0, 0, 0, len(tag)]) + tag if tag else b""
    frame = b"\xff\xfb\x50\x00"
    return notes + (frame + bytes(144 * 64_000 // 44_100 - 4)) * 38


def wav(*, seconds: int = 2, rate: int = 8000) -> bytes:
    """Telephone sound, a byte a sample."""
    form = struct.pack("<HHIIHH", 7, 1, rate, rate, 1, 8)
    chunks = b"WAVE" + b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", rate * seconds)
    body = chunks + bytes(rate * seconds)
    return b"RIFF" + struct.pack("<I", len(body)) + body
