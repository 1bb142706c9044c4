"""Encryption: what comes out, and who can read it.

A ciphertext keeps what went into it (``plaintext``), what travels beside it in clear (``beside``) and the algorithm
where the call fixes it; JWE names its own in the header. Encryption to a public key is for the receiver alone; with a
shared key whoever encrypts can read it too.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Fixed, Library, New, Slot, Type

_SHARED = Fixed("shared key")
_PUBLIC = Fixed("RSA-OAEP")


def _ciphertext(plaintext: Slot, beside: Slot | None = None, algorithm: Slot | None = None) -> Call:
    slots = {"plaintext": plaintext, "beside": beside, "algorithm": algorithm}
    return Call(returns=New("quantafit.Ciphertext", {name: slot for name, slot in slots.items() if slot is not None}))


JOSERFC = Library(
    distribution="joserfc",
    modules=("joserfc",),
    calls={
        "joserfc.jwe.encrypt_compact": _ciphertext(Arg(1, "plaintext"), Arg(0, "protected")),
        "joserfc.jwe.encrypt_json": _ciphertext(Arg(0, "data")),
        "joserfc.jwe.JWERegistry": Call(returns="joserfc.Registry"),
        "joserfc.jwe.decrypt_compact": Call(returns="joserfc.Decrypted"),
        **{
            f"joserfc.jwk.{kind}.{make}": Call(returns="joserfc.Key")
            for kind in ("OKPKey", "ECKey", "RSAKey", "OctKey", "KeySet", "JWKRegistry")
            for make in ("import_key", "generate_key", "import_key_set", "generate_key_set")
        },
    },
    types={
        "quantafit.Ciphertext": Type(fluent=True),
        "joserfc.Registry": Type(),
        "joserfc.Key": Type(),
        "joserfc.Decrypted": Type(),
    },
    inert=True,
)

JOSE = Library(
    distribution="python-jose",
    modules=("jose",),
    calls={"jose.jwe.encrypt": _ciphertext(Arg(0, "plaintext"), algorithm=Arg(3, "algorithm", "dir"))},
    inert=True,
)

CRYPTOGRAPHY = Library(
    distribution="cryptography",
    modules=("cryptography",),
    calls={
        "cryptography.fernet.Fernet": Call(returns="cryptography.fernet.Fernet"),
        "cryptography.fernet.Fernet.encrypt": _ciphertext(Arg(0, "data"), algorithm=_SHARED),
        **{
            f"{module}.{name}": Call(returns=f"{module}.AESGCM")
            for module in ("cryptography.hazmat.primitives.ciphers.aead",)
            for name in ("AESGCM", "ChaCha20Poly1305", "AESCCM", "AESSIV")
        },
        "cryptography.hazmat.primitives.ciphers.aead.AESGCM.encrypt": _ciphertext(
            Arg(1, "data"), Arg(2, "associated_data"), _SHARED
        ),
        "cryptography.hazmat.primitives.serialization.load_pem_public_key": Call(returns="cryptography.PublicKey"),
        "cryptography.PublicKey.encrypt": _ciphertext(Arg(0, "plaintext"), algorithm=_PUBLIC),
    },
    types={
        "cryptography.fernet.Fernet": Type(),
        "cryptography.PublicKey": Type(),
        "cryptography.hazmat.primitives.ciphers.aead.AESGCM": Type(),
    },
    aliases={
        "cryptography.hazmat.primitives.asymmetric.rsa.RSAPublicKey": "cryptography.PublicKey",
        "cryptography.fernet.MultiFernet": "cryptography.fernet.Fernet",
    },
    inert=True,
)

NACL = Library(
    distribution="PyNaCl",
    modules=("nacl",),
    calls={
        "nacl.public.SealedBox": Call(returns="nacl.public.SealedBox"),
        "nacl.public.SealedBox.encrypt": _ciphertext(Arg(0, "plaintext"), algorithm=_PUBLIC),
        "nacl.secret.SecretBox": Call(returns="nacl.secret.SecretBox"),
        "nacl.secret.SecretBox.encrypt": _ciphertext(Arg(0, "plaintext"), algorithm=_SHARED),
    },
    types={"nacl.public.SealedBox": Type(), "nacl.secret.SecretBox": Type()},
    inert=True,
)

LIBRARIES = (JOSERFC, JOSE, CRYPTOGRAPHY, NACL)
