"""A browser of a person as its push service sees it: keys, an address, and how it reads a message."""

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from incident.channels.push import encoded

CURVE = ec.SECP256R1()


class Device:
    """The keys of a subscription, and the receiver's half of RFC 8291."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(CURVE)
        self._auth = b"sixteen bytes ok"
        form = serialization.PublicFormat.UncompressedPoint
        self._point = self._key.public_key().public_bytes(serialization.Encoding.X962, form)
        self.point, self.auth = encoded(self._point), encoded(self._auth)

    def read(self, body: bytes) -> bytes:
        """Return what a message says."""
        salt, sender, sealed = body[:16], body[21 : 21 + body[20]], body[21 + body[20] :]
        shared = self._key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender))
        secret = _derive(shared, self._auth, b"WebPush: info\0" + self._point + sender, 32)
        key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
        content = AESGCM(key).decrypt(nonce, sealed, None)
        assert content.endswith(b"\2")
        return content[:-1]


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
