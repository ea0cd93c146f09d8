"""Sealing: what was sealed comes back, and nothing else does."""

from __future__ import annotations

import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.kit import sealing
from chengshu.kit.errors import CannotStart
from chengshu.kit.sealing import CannotUnseal, Keyring

RING = Keyring(2, {1: b"a" * 32, 2: b"b" * 32}, b"p" * 32)
ciphers = st.sampled_from(["aes", "sm4"])


@given(ciphers, st.binary(max_size=300), st.binary(max_size=40))
def test_round_trip(cipher: str, plain: bytes, about: bytes) -> None:
    ring = replace(RING, cipher=cipher)
    version, sealed = ring.seal(plain, about)
    assert version == 2
    assert ring.unseal(version, sealed, about) == plain
    assert len(plain) < 4 or plain not in sealed


@given(ciphers, st.binary(min_size=1, max_size=60), st.data())
def test_one_changed_bit_is_noticed(cipher: str, plain: bytes, data: st.DataObject) -> None:
    version, sealed = replace(RING, cipher=cipher).seal(plain, b"7")
    place = data.draw(st.integers(8, len(sealed) * 8 - 1))  # the first byte only names the cipher
    broken = bytearray(sealed)
    broken[place // 8] ^= 1 << place % 8
    with pytest.raises(CannotUnseal):
        RING.unseal(version, bytes(broken), b"7")


@given(ciphers, st.binary(max_size=60), st.integers(0, 60))
def test_what_was_cut_off_is_noticed(cipher: str, plain: bytes, keep: int) -> None:
    version, sealed = replace(RING, cipher=cipher).seal(plain, b"7")
    with pytest.raises(CannotUnseal):
        RING.unseal(version, sealed[: min(keep, len(sealed) - 1)], b"7")


@given(ciphers)
def test_the_other_cipher_named_is_noticed(cipher: str) -> None:
    version, sealed = replace(RING, cipher=cipher).seal(b"name", b"7")
    other = b"a" if cipher == "sm4" else b"s"
    with pytest.raises(CannotUnseal):
        RING.unseal(version, other + sealed[1:], b"7")


@given(ciphers)
def test_one_row_cannot_be_put_into_another(cipher: str) -> None:
    version, sealed = replace(RING, cipher=cipher).seal(b"name", b"7")
    with pytest.raises(CannotUnseal):
        RING.unseal(version, sealed, b"8")


def test_a_ring_reads_both_ciphers() -> None:
    for cipher in ("aes", "sm4"):
        version, sealed = replace(RING, cipher=cipher).seal(b"x", b"")
        assert RING.unseal(version, sealed, b"") == b"x"


def test_two_seals_of_the_same_differ() -> None:
    assert RING.seal(b"x", b"")[1] != RING.seal(b"x", b"")[1]


def test_wrong_and_missing_keys_end_with_a_sentence() -> None:
    version, sealed = RING.seal(b"x", b"")
    for ring in (replace(RING, keys={1: b"a" * 32}), replace(RING, keys={2: b"c" * 32})):
        with pytest.raises(CannotUnseal, match=r"keys\.json") as refusal:
            ring.unseal(version, sealed, b"")
        assert "keys.json" in refusal.value.english


# ---------------------------------------------------------------- the file
def test_rotating_keeps_the_old_keys_and_the_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first = sealing.make(path)
    sealed = first.seal(b"x", b"")
    second = sealing.rotate(path, "sm4")
    assert (first.active, second.active) == (1, 2)
    assert second.unseal(*sealed, b"") == b"x"
    assert second.fingerprint() == first.fingerprint()
    assert second.keyed_hash("138") == first.keyed_hash("138")
    assert sealing.read(path, "sm4") == second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["keys.json"]


def test_ten_first_starts_at_once_agree_on_one_key_file(tmp_path: Path) -> None:
    rings: list[Keyring] = []
    threads = [
        threading.Thread(target=lambda: rings.append(sealing.make(tmp_path / "keys.json")))
        for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rings) == 10
    assert all(ring == rings[0] for ring in rings)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"active": 1}',
        '{"active": 1, "keys": 3, "pepper": ""}',
        '{"active": 2, "keys": {"1": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="}, "pepper": ""}',
        '{"active": 1, "keys": {"1": "c2hvcnQ="}, "pepper": ""}',
    ],
)
def test_a_damaged_file_ends_with_a_sentence(content: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(CannotStart, match="已损坏"):
        sealing.read(path)


def test_a_missing_file_ends_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="不存在"):
        sealing.read(tmp_path / "keys.json")
