"""What a recording of a voice is, by its container. Pure: the container is walked from end to end, nothing is decoded.

A file passes that holds one audio track of a kind that browsers play, and nothing else: no picture, no second format
before, behind or between its parts. WebM (RFC 8794, Matroska), Ogg (RFC 3533, 7845), MP4 (ISO/IEC 14496-12), MP3, WAV.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MAX_BYTES = 8 * 1024 * 1024
MAX_SECONDS = 180
GRACE_SECONDS = 10
"""A recorder that is stopped at three minutes writes a little more."""

WEBM, OGG, MP4, MP3, WAV = "audio/webm", "audio/ogg", "audio/mp4", "audio/mpeg", "audio/wav"
ENDINGS = {WEBM: "weba", OGG: "ogg", MP4: "m4a", MP3: "mp3", WAV: "wav"}

_EBML, _SEGMENT, _CLUSTER, _INFO, _TRACKS = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1549A966, 0x1654AE6B
_TRACK, _TYPE, _CODEC, _DOCTYPE = 0xAE, 0x83, 0x86, 0x4282
_DURATION, _SCALE, _TIMECODE, _SIMPLE, _GROUP, _BLOCK = 0x4489, 0x2AD7B1, 0xE7, 0xA3, 0xA0, 0xA1
_IN_SEGMENT = {_CLUSTER, _INFO, _TRACKS, 0x114D9B74, 0x1C53BB6B, 0x1254C367, 0xEC, 0xBF}
_IN_CLUSTER = {_TIMECODE, _SIMPLE, _GROUP, 0xA7, 0xAB, 0xEC, 0xBF}
_OPEN_ENDED = {_SEGMENT, _CLUSTER}

_BOXES = {b"ftyp", b"moov", b"mdat", b"moof", b"free", b"skip", b"wide", b"mfra", b"sidx", b"styp", b"udta"}
_NOTES = {b"udta", b"meta", b"uuid"}


class NotSound(Exception):
    """The container is torn, holds something else, or something beside a voice."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording. ``seconds`` is None where the container does not tell; ``content`` goes without the notes that a
    telephone wrote into it, where they can be taken out without touching anything else (MP4, MP3)."""

    mime: str
    seconds: int | None
    content: bytes


def sniff(head: bytes) -> str:
    """The MIME type that the first bytes claim, or an empty string."""
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return WEBM
    if head.startswith(b"OggS"):
        return OGG
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return WAV
    if head[4:8] == b"ftyp" and head[8:12] not in {
        b"heic",
        b"heix",
        b"hevc",
        b"heim",
        b"heis",
        b"mif1",
        b"msf1",
        b"avif",
    }:
        return MP4
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return MP3
    return ""


def listen(content: bytes) -> Sound:
    """Walk the container. Raises :class:`NotSound` for what is no recording, or not that alone."""
    mime = sniff(content[:16])
    read = {WEBM: _webm, OGG: _ogg, WAV: _wav, MP4: _mp4, MP3: _mp3}.get(mime)
    if read is None:
        raise NotSound
    try:
        seconds, kept = read(content)
    except (struct.error, IndexError, ZeroDivisionError, OverflowError):
        raise NotSound from None
    return Sound(mime, max(1, round(seconds)) if seconds else None, kept)


# --- WebM ---


def _elements(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(id, start, end) of the elements between two places; one of open length goes to the end of what holds it."""
    at = start
    while at < end:
        width = 9 - data[at].bit_length()
        if width > 4:
            raise NotSound
        name = int.from_bytes(data[at : at + width], "big")
        at += width
        width = 9 - data[at].bit_length()
        if width > 8 or at + width > end:
            raise NotSound
        size = int.from_bytes(data[at : at + width], "big") & ((1 << 7 * width) - 1)
        at += width
        if size == (1 << 7 * width) - 1:
            if name not in _OPEN_ENDED:
                raise NotSound
            size = _open_end(data, name, at, end) - at
        if at + size > end:
            raise NotSound
        yield name, at, at + size
        at += size


def _open_end(data: bytes, name: int, start: int, end: int) -> int:
    """Where an element of open length ends: a cluster before the first element that cannot lie in it."""
    if name == _SEGMENT:
        return end
    at = start
    while at < end:
        width = 9 - data[at].bit_length()
        if int.from_bytes(data[at : at + width], "big") not in _IN_CLUSTER:
            return at
        _name, _start, at = next(_elements(data, at, end))
    return end


def _webm(data: bytes) -> tuple[float | None, bytes]:
    top = list(_elements(data, 0, len(data)))
    if [name for name, _start, _end in top] != [_EBML, _SEGMENT]:
        raise NotSound
    doctype = [data[s:e].rstrip(b"\0") for name, s, e in _elements(data, *top[0][1:]) if name == _DOCTYPE]
    if doctype not in ([b"webm"], [b"matroska"]):
        raise NotSound
    scale, told, last, tracks = 1_000_000, 0.0, -1, 0
    for name, start, end in _elements(data, *top[1][1:]):
        if name not in _IN_SEGMENT:
            raise NotSound
        if name == _INFO:
            for inner, s, e in _elements(data, start, end):
                if inner == _SCALE:
                    scale = int.from_bytes(data[s:e], "big")
                elif inner == _DURATION:
                    told = struct.unpack(">f" if e - s == 4 else ">d", data[s:e])[0]
        elif name == _TRACKS:
            tracks += sum(_is_voice(data, s, e) for inner, s, e in _elements(data, start, end) if inner == _TRACK)
        elif name == _CLUSTER:
            last = max(last, _last_block(data, start, end))
    if tracks != 1 or last < 0:
        raise NotSound
    return max(told, last) * scale / 1e9, data


def _is_voice(data: bytes, start: int, end: int) -> bool:
    found = {name: data[s:e] for name, s, e in _elements(data, start, end)}
    codec = found.get(_CODEC, b"").rstrip(b"\0")
    if int.from_bytes(found.get(_TYPE, b""), "big") != 2 or codec not in {b"A_OPUS", b"A_VORBIS"}:
        raise NotSound
    return True


def _last_block(data: bytes, start: int, end: int) -> int:
    """The time of the last block of a cluster, in the segment's ticks; -1 if it has none."""
    base, last = 0, -1
    for name, s, e in _elements(data, start, end):
        if name not in _IN_CLUSTER:
            raise NotSound
        if name == _TIMECODE:
            base = int.from_bytes(data[s:e], "big")
        blocks = [s] if name == _SIMPLE else []
        if name == _GROUP:
            blocks = [inner for key, inner, _end in _elements(data, s, e) if key == _BLOCK]
        for at in blocks:
            after = at + 9 - data[at].bit_length()
            last = max(last, base + struct.unpack(">h", data[after : after + 2])[0])
    return last


# --- Ogg ---


def _ogg(data: bytes) -> tuple[float | None, bytes]:
    at, serial, granule, rate, skip = 0, None, 0, 0, 0
    while at < len(data):
        magic, version, kind, moment, stream, _order, _crc, count = struct.unpack("<4sBBqIIIB", data[at : at + 27])
        table = data[at + 27 : at + 27 + count]
        body = at + 27 + count
        end = body + sum(table)
        if magic != b"OggS" or version or len(table) != count or end > len(data):
            raise NotSound
        if serial is None:
            serial = stream
            rate, skip = _ogg_head(data[body:end])
        elif stream != serial or kind & 2:  # a second stream: a picture, or another sound
            raise NotSound
        granule = max(granule, moment)
        at = end
    return (granule - skip) / rate if granule > skip else None, data


def _ogg_head(first: bytes) -> tuple[int, int]:
    """(ticks a second, ticks to leave out) of the stream; raises for what is no voice."""
    if first.startswith(b"OpusHead"):
        return 48_000, int.from_bytes(first[10:12], "little")
    if first.startswith(b"\x01vorbis"):
        return int.from_bytes(first[12:16], "little") or 1, 0
    raise NotSound


# --- WAV ---


def _wav(data: bytes) -> tuple[float | None, bytes]:
    if int.from_bytes(data[4:8], "little") + 8 != len(data):
        raise NotSound
    at, rate, length = 12, 0, 0
    while at < len(data):
        name, size = struct.unpack("<4sI", data[at : at + 8])
        if at + 8 + size > len(data) or name not in {b"fmt ", b"data", b"fact", b"LIST"}:
            raise NotSound
        if name == b"fmt ":
            form, _channels, _samples, rate = struct.unpack("<HHII", data[at + 8 : at + 20])
            if form not in {1, 3, 6, 7}:
                raise NotSound
        elif name == b"data":
            length += size
        at += 8 + size + size % 2
    if not rate or not length:
        raise NotSound
    return length / rate, data


# --- MP4 ---


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, start of what it holds, end) of the boxes between two places."""
    at = start
    while at < end:
        size, name = struct.unpack(">I4s", data[at : at + 8])
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            raise NotSound
        yield name, at + head, at + size
        at += size


def _mp4(data: bytes) -> tuple[float | None, bytes]:
    top = list(_boxes(data, 0, len(data)))
    names = [name for name, _start, _end in top]
    if set(names) - _BOXES - _NOTES or names.count(b"moov") != 1 or b"mdat" not in names or names[0] != b"ftyp":
        raise NotSound
    seconds, tracks = 0.0, 0
    kept = bytearray(data)
    for name, start, end in top:
        if name in _NOTES:
            _blank(kept, start, end)
        if name != b"moov":
            continue
        for inner, s, e in _boxes(data, start, end):
            if inner == b"mvhd":
                seconds = _movie_seconds(data[s:e])
            elif inner == b"trak":
                tracks += _sounds(data, s, e)
                _blank_notes(kept, s, e)
            elif inner in _NOTES:
                _blank(kept, s, e)
    if tracks != 1:
        raise NotSound
    return seconds or None, bytes(kept)


def _movie_seconds(head: bytes) -> float:
    if head[0] == 1:
        scale, length = struct.unpack(">IQ", head[20:32])
    else:
        scale, length = struct.unpack(">II", head[12:20])
    return float(length / scale)


def _sounds(data: bytes, start: int, end: int) -> bool:
    """Whether a track is AAC; raises for a picture, a text, another codec."""
    inside = {name: (s, e) for name, s, e in _boxes(data, start, end)}
    media = {name: (s, e) for name, s, e in _boxes(data, *inside.get(b"mdia", (0, 0)))}
    handler = media.get(b"hdlr", (0, 0))
    table = {name: (s, e) for name, s, e in _boxes(data, *media.get(b"minf", (0, 0)))}
    samples = {name: (s, e) for name, s, e in _boxes(data, *table.get(b"stbl", (0, 0)))}
    said, until = samples.get(b"stsd", (0, 0))
    codecs = [name for name, _s, _e in _boxes(data, said + 8, until)] if until else []
    if data[handler[0] + 8 : handler[0] + 12] != b"soun" or codecs != [b"mp4a"]:
        raise NotSound
    return True


def _blank_notes(kept: bytearray, start: int, end: int) -> None:
    for name, s, e in _boxes(bytes(kept), start, end):
        if name in _NOTES:
            _blank(kept, s, e)


def _blank(kept: bytearray, start: int, end: int) -> None:
    """Make a box free space of the same size, so that every place that is told of elsewhere stays where it is."""
    name = start - 4 if bytes(kept[start - 4 : start]) in _NOTES else start - 12
    kept[name : name + 4] = b"free"
    kept[start:end] = bytes(end - start)


# --- MP3 ---

_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def _mp3(data: bytes) -> tuple[float | None, bytes]:
    start, end = 0, len(data)
    if data.startswith(b"ID3"):
        size = data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9]
        start = 10 + size + (10 if data[5] & 0x10 else 0)
    if data[end - 128 : end - 125] == b"TAG":
        end -= 128
    at, seconds, frames = start, 0.0, 0
    while at < end:
        one, two, three = data[at], data[at + 1], data[at + 2]
        version, rate_at, kbit_at = two >> 3 & 3, three >> 2 & 3, three >> 4
        if one != 0xFF or two & 0xE6 != 0xE2 or version == 1 or rate_at == 3 or kbit_at in {0, 15}:
            raise NotSound
        rate = _RATES[version][rate_at]
        bits = 1000 * (_KBITS_1 if version == 3 else _KBITS_2)[kbit_at]
        samples = 1152 if version == 3 else 576
        at += samples // 8 * bits // rate + (three >> 1 & 1)
        seconds, frames = seconds + samples / rate, frames + 1
    if frames < 3 or at > end:
        raise NotSound
    return seconds, data[start:end]
