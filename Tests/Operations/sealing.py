"""What Sources/Sealing does to a text, for tests that write what a worker would have: AES-256-GCM by OpenSSL's library."""

import base64
import ctypes
import ctypes.util
import hashlib
import hmac
import os

_crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for _name in ("EVP_CIPHER_CTX_new", "EVP_aes_256_gcm"):
    getattr(_crypto, _name).restype = ctypes.c_void_p
_GET_TAG = 0x10


def _derived(key: bytes, use: str) -> bytes:
    """HKDF (RFC 5869) with SHA-256 and no salt, to one block."""
    extracted = hmac.digest(b"\0" * 32, key, hashlib.sha256)
    return hmac.digest(extracted, f"store-weaver {use} v1\x01".encode(), hashlib.sha256)


def sealed(text: str, context: str, keys: str, use: str = "credentials") -> tuple[str, str]:
    """The id of the first of CREDENTIALS_KEYS (or of CHANNEL_KEYS, for `channels`), and the text sealed with it."""
    name, key = keys.split(",")[0].split(":")
    nonce, plain, length = os.urandom(12), text.encode(), ctypes.c_int()
    cipher, tag = ctypes.create_string_buffer(len(plain)), ctypes.create_string_buffer(16)
    state = ctypes.c_void_p(_crypto.EVP_CIPHER_CTX_new())

    def done(result: int) -> None:
        assert result == 1, "OpenSSL refused"

    done(_crypto.EVP_EncryptInit_ex(state, ctypes.c_void_p(_crypto.EVP_aes_256_gcm()), None, _derived(base64.b64decode(key), use), nonce))
    done(_crypto.EVP_EncryptUpdate(state, None, ctypes.byref(length), context.encode(), len(context)))
    done(_crypto.EVP_EncryptUpdate(state, cipher, ctypes.byref(length), plain, len(plain)))
    done(_crypto.EVP_EncryptFinal_ex(state, ctypes.create_string_buffer(16), ctypes.byref(length)))
    done(_crypto.EVP_CIPHER_CTX_ctrl(state, _GET_TAG, 16, tag))
    _crypto.EVP_CIPHER_CTX_free(state)
    return name, base64.b64encode(nonce + cipher.raw + tag.raw).decode()
