"""张阿姨 speaks instead of writing: what is taken for a voice, and what is not."""

import struct
from typing import Any

import pytest

from tongxin.files import audio, operations, queries
from tongxin.files.tests.conftest import AREA, NOW, jpeg
from tongxin.files.tests.voices import (
    atom,
    element,
    m4a,
    mp3,
    ogg,
    voice_track,
    wav,
    webm,
)
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid

VOICES = {
    "an Android phone": (webm(), audio.WEBM, 2.0),
    "a recorder that does not go back to write lengths": (webm(open_ended=True), audio.WEBM, 2.0),
    "Firefox": (ogg(), audio.OGG, 2.0),
    "an iPhone": (m4a(), audio.MP4, 2.0),
    "an old dictaphone": (mp3(), audio.MP3, 1.0),
    "a telephone exchange": (wav(), audio.WAV, 2.0),
}


@pytest.mark.parametrize("whose", VOICES)
def test_what_phones_record_is_heard_by_its_container(whose: str) -> None:
    content, mime, seconds = VOICES[whose]
    sound = audio.listen(content)
    assert (sound.mime, round(sound.seconds or 0)) == (mime, round(seconds))


@pytest.mark.parametrize("whose", VOICES)
def test_one_that_broke_off_is_not_taken_and_neither_is_one_with_something_behind_it(whose: str) -> None:
    content = VOICES[whose][0]
    hostile = [content[: len(content) * 2 // 3 + 1], content + b"<script>alert(1)</script>", content + jpeg(20, 20)]
    for one in hostile:
        with pytest.raises(audio.NotSound):
            audio.listen(one)


@pytest.mark.parametrize(
    "content",
    [
        webm(track=element(0x83, b"\x01") + element(0x86, b"V_VP9")),  # a film
        webm(track=voice_track(), second=element(0x83, b"\x01") + element(0x86, b"V_VP8")),  # a film with sound
        webm(track=element(0x83, b"\x02") + element(0x86, b"A_PCM/INT/LIT")),
        m4a(handler=b"vide", codec=b"avc1"),
        m4a(codec=b"alac"),
        m4a(more=atom(b"html", b"<script>")),
        ogg(first=b"\x80theora" + bytes(20)),
        b"\x1a\x45\xdf\xa3" + b"\xff" * 40,
        b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(50),
        b"RIFF" + struct.pack("<I", 4) + b"WAVE",
        b"",
        b"OggS",
    ],
)
def test_a_film_another_codec_and_rubbish_are_no_voice(content: bytes) -> None:
    with pytest.raises(audio.NotSound):
        audio.listen(content)


def test_any_bytes_are_refused_in_words_and_never_in_an_error_of_the_programme() -> None:
    for content, _mime, _seconds in VOICES.values():
        for at in range(0, min(len(content), 400)):
            torn = content[:at] + b"\xff" + content[at + 1 :]
            for one in (torn, content[:at]):
                try:
                    audio.listen(one)
                except audio.NotSound:
                    continue


def test_notes_that_a_phone_wrote_into_a_recording_are_taken_out() -> None:
    kept = audio.listen(m4a(moov_more=atom(b"udta", b"\xa9xyz+32.65+110.78/"))).content
    assert b"+32.65" not in kept and len(audio.listen(kept).content) == len(kept)
    assert b"SecretPhone" not in audio.listen(mp3(tag=b"SecretPhone")).content


def test_a_recording_is_kept_for_those_concerned_and_never_public(
    take: Any, desk: Actor, django_capture_on_commit_callbacks: Any
) -> None:
    voice = take(webm(), "录音.weba")
    assert (voice.state, voice.is_voice, voice.is_document, voice.seconds) == ("ready", True, False, 2)
    opened = queries.open_link(queries.link(voice, "original", now=NOW).removeprefix("/f/"), NOW)
    assert (opened.mime, opened.inline, opened.path.read_bytes()) == ("audio/webm", True, webm())
    with pytest.raises(Conflict):
        operations.release(actor=desk, attachment_id=voice.id, area_path=AREA, now=NOW)
    with pytest.raises(Conflict):
        operations.blur(actor=desk, attachment_id=voice.id, regions=[], area_path=AREA, now=NOW)
    assert not list(queries.file_checks())
    with django_capture_on_commit_callbacks(execute=True):
        operations.erase(actor=desk, attachment_id=voice.id, reason="asked", area_path=AREA, now=NOW)
    assert not opened.path.exists()


def test_it_is_bounded_in_size_and_length_and_taken_with_a_report_alone(take: Any) -> None:
    with pytest.raises(Invalid, match="larger"):
        take(wav(seconds=120, rate=80_000))
    with pytest.raises(Invalid, match="minutes"):
        take(webm(seconds=200))
    for purpose in ("answer", "evidence"):
        with pytest.raises(Invalid):
            take(webm(), purpose=purpose)
