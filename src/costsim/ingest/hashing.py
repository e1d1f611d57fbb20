"""Keyed hashes of prompts: equal prompts are found, and whoever has the table but not the key cannot test a guess.

Messages are hashed with xxh3 in the loop over calls and summed up over columns; what is stored is SipHash-2-4 of that
under the key. The key is COSTSIM_HASH_KEY, else one that is the same for everybody.
"""

import hashlib
import os
from collections.abc import Sequence

import numpy as np
import xxhash
from numpy.typing import NDArray

KEY_VARIABLE = "COSTSIM_HASH_KEY"
_EVERYBODYS = "costsim"

Hashes = NDArray[np.uint64]
_CHUNK = 1 << 12
"""Values hashed at once: the state stays in the processor's nearest cache."""
_C_ROUNDS, _D_ROUNDS = 2, 4
_LENGTH_BYTE = np.uint64(8 << 56)


def key_from_environment() -> tuple[int, int]:
    """Return the 128-bit key as two integers."""
    digest = hashlib.blake2b(os.environ.get(KEY_VARIABLE, _EVERYBODYS).encode(), digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


def siphash(values: Hashes, key: tuple[int, int]) -> Hashes:
    """Return SipHash-2-4 of each value, taken as eight little-endian bytes (Aumasson and Bernstein, 2012)."""
    chunks = [_siphash(values[start : start + _CHUNK], key) for start in range(0, len(values), _CHUNK)]
    return np.concatenate(chunks) if chunks else values


def of_words(texts: Sequence[str]) -> Hashes:
    """Return the keyed hash of each text, under the key of the environment."""
    plain = np.array([xxhash.xxh3_64_intdigest(text.encode()) for text in texts], np.uint64)
    return siphash(plain, key_from_environment())


def _siphash(values: Hashes, key: tuple[int, int]) -> Hashes:
    k0, k1 = np.uint64(key[0]), np.uint64(key[1])
    state = [
        np.full_like(values, k0 ^ np.uint64(0x736F6D6570736575)),
        np.full_like(values, k1 ^ np.uint64(0x646F72616E646F6D)),
        np.full_like(values, k0 ^ np.uint64(0x6C7967656E657261)),
        np.full_like(values, k1 ^ np.uint64(0x7465646279746573)),
    ]
    for block in (values, np.full_like(values, _LENGTH_BYTE)):
        state[3] ^= block
        _rounds(state, _C_ROUNDS)
        state[0] ^= block
    state[2] ^= np.uint64(0xFF)
    _rounds(state, _D_ROUNDS)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _rounds(v: list[Hashes], count: int) -> None:
    for _ in range(count):
        v[0] += v[1]
        v[1] = _rotated(v[1], 13) ^ v[0]
        v[0] = _rotated(v[0], 32)
        v[2] += v[3]
        v[3] = _rotated(v[3], 16) ^ v[2]
        v[0] += v[3]
        v[3] = _rotated(v[3], 21) ^ v[0]
        v[2] += v[1]
        v[1] = _rotated(v[1], 17) ^ v[2]
        v[2] = _rotated(v[2], 32)


def _rotated(v: Hashes, bits: int) -> Hashes:
    rotated: Hashes = (v << np.uint64(bits)) | (v >> np.uint64(64 - bits))
    return rotated
