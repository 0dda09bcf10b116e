"""Signatures that `ssh-keygen -Y sign` makes, checked against a file of allowed signers.

The signature's format is OpenSSH's PROTOCOL.sshsig, the signers' file that of ssh-keygen(1). Only
public keys are read. What such a file may say and is not honored here is refused, so that no
signature counts for more than its signer meant.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from binascii import Error
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import define, frozen

from grantcalc.errors import Finding, GrantcalcError, Place, Rejected, refuse
from grantcalc.files import printable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

NAMESPACE = "grantcalc"
"""What a signature must be for: `ssh-keygen -Y sign -n grantcalc`."""

_CURVES = {"ecdsa-sha2-nistp256": "SHA256", "ecdsa-sha2-nistp384": "SHA384", "ecdsa-sha2-nistp521": "SHA512"}
_RSA = {"rsa-sha2-256": "SHA256", "rsa-sha2-512": "SHA512"}
_KEYS = ("ssh-ed25519", "ssh-rsa", *_CURVES)
_LEAST_RSA = 2048
_MAGIC = b"SSHSIG"
_ARMOR = re.compile(rb"\s*-----BEGIN SSH SIGNATURE-----\s([A-Za-z0-9+/=\s]+)-----END SSH SIGNATURE-----\s*")
_WORD = re.compile(r'((?:[^\s"]|"[^"]*")+)\s*')


@define(eq=False)
class Unsigned(GrantcalcError):
    """A signature that does not hold, with the reason in a sentence."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@define(eq=False)
class Uncheckable(GrantcalcError):
    """Signatures cannot be checked here: a library is missing."""

    def __str__(self) -> str:
        return "signatures need a library: pip install 'grantcalc[signatures]'"


@frozen
class Signer:
    """A line of a file of allowed signers: who may sign, by which public key, and for what; all
    where nothing is said."""

    principals: str
    key: bytes
    namespaces: tuple[str, ...] = ()


def read_signers(data: bytes, file: str = "") -> tuple[Signer, ...]:
    """The allowed signers of a file. `Rejected` with a finding at each line that is no signer, or
    that says what is not honored: patterns, certificates, times, security keys and other
    algorithms."""
    if b"PRIVATE KEY" in data:
        problem = "this file holds a private key, which grantcalc never reads"
        raise Rejected(
            [
                Finding(
                    place=Place(file),
                    cause="private_key",
                    problem=problem,
                    expected="a file of allowed signers, with public keys",
                )
            ]
        )
    signers, findings = list[Signer](), list[Finding]()
    for number, raw in enumerate(data.splitlines(), 1):
        try:
            text = raw.decode().strip()
            if text and not text.startswith("#"):
                signers.append(_signer(text))
        except UnicodeDecodeError:
            findings.append(Finding(place=Place(file, "", "", number), cause="text", problem="this line is not UTF-8"))
        except Unsigned as wrong:
            findings.append(Finding(place=Place(file, "", "", number), cause="signer", problem=wrong.reason))
    refuse(findings, Rejected)
    return tuple(signers)


def _signer(line: str) -> Signer:
    words = _WORD.findall(line)
    if "".join(_WORD.split(line)[::2]) or len(words) < 3 or not printable(line.replace("\t", " ")):
        raise Unsigned("this line is no signer: expected principals, options, the kind of key and the key")
    principals, *rest = words
    options = "" if rest[0] in _KEYS else rest.pop(0)
    if set(principals) & set('*?!"'):
        raise Unsigned("patterns of principals are not honored here: name each signer")
    if len(rest) < 2 or rest[0] not in _KEYS:
        raise Unsigned(f"this kind of key is not honored here: expected one of {', '.join(_KEYS)}")
    try:
        key = b64decode(rest[1], validate=True)
    except Error:
        raise Unsigned("the key is not written in base64") from None
    if not key.startswith(_string(rest[0].encode())):
        raise Unsigned("the key is of another kind than the line says")
    return Signer(principals, key, _namespaces(options))


def _namespaces(options: str) -> tuple[str, ...]:
    """The namespaces of a line's options. Every other option is refused; so is a time, since
    grantcalc reads no clock."""
    namespaces: tuple[str, ...] = ()
    for option in re.findall(r'(?:[^,"]|"[^"]*")+', options):
        name, _, value = option.partition("=")
        if name.lower() != "namespaces" or namespaces:
            raise Unsigned("an option of this line is not honored here: expected namespaces, once, or none")
        namespaces = tuple(value.strip('"').split(","))
        if not all(re.fullmatch(r"[A-Za-z0-9._@-]+", name) for name in namespaces):
            raise Unsigned("patterns of namespaces are not honored here: name each")
    return namespaces


def signed_by(data: bytes, signature: bytes, signers: Sequence[Signer]) -> str:
    """The principals who signed these bytes for `grantcalc`. `Unsigned` says why the signature does
    not hold; `Uncheckable` where the library is missing."""
    armor = _ARMOR.fullmatch(signature)
    if not armor:
        raise Unsigned("this is no signature of ssh-keygen")
    try:
        blob = b64decode(b"".join(armor[1].split()), validate=True)
        fields = _fields(blob, len(_MAGIC) + 4, 5)
        kind, signed = _fields(fields[4], 0, 2)
    except (Error, ValueError):
        raise Unsigned("this signature is damaged") from None
    key, namespace, reserved, algorithm = fields[:4]
    if not blob.startswith(_MAGIC + (1).to_bytes(4)) or algorithm not in (b"sha256", b"sha512"):
        raise Unsigned("this signature is of a format that is not honored here")
    if namespace != NAMESPACE.encode():
        raise Unsigned(f"this signature is for another purpose: sign with -n {NAMESPACE}")
    allowed = [s for s in signers if s.key == key and (not s.namespaces or NAMESPACE in s.namespaces)]
    if not allowed:
        raise Unsigned("the key that signed is none of the allowed signers' for this purpose")
    digest = hashlib.new(algorithm.decode(), data).digest()
    message = _MAGIC + b"".join(map(_string, (namespace, reserved, algorithm, digest)))
    _check(key, kind.decode("ascii", "replace"), signed, message)
    return ", ".join(dict.fromkeys(s.principals for s in allowed))


def _check(blob: bytes, kind: str, signature: bytes, message: bytes) -> None:
    """Have the library check a signature; it holds, or `Unsigned` is raised."""
    try:
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
        from cryptography.hazmat.primitives.serialization import load_ssh_public_key
    except ModuleNotFoundError:
        raise Uncheckable from None
    from base64 import b64encode

    name = _fields(blob, 0, None)[0]
    try:
        key = load_ssh_public_key(name + b" " + b64encode(blob))
        if isinstance(key, rsa.RSAPublicKey) and kind in _RSA:
            if key.key_size < _LEAST_RSA:
                raise Unsigned(f"the RSA key that signed is shorter than {_LEAST_RSA} bits")
            key.verify(signature, message, padding.PKCS1v15(), _hash(_RSA[kind]))
        elif isinstance(key, ec.EllipticCurvePublicKey) and kind == name.decode() and kind in _CURVES:
            r, s = (int.from_bytes(number) for number in _fields(signature, 0, 2))
            key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(_hash(_CURVES[kind])))
        elif isinstance(key, ed25519.Ed25519PublicKey) and kind == "ssh-ed25519":
            key.verify(signature, message)
        else:
            raise Unsigned("this signature is of an algorithm that is not honored here")
    except InvalidSignature:
        raise Unsigned("the file is not what was signed: it was changed, or saved again, since") from None
    except (ValueError, UnsupportedAlgorithm):
        raise Unsigned("this signature is damaged") from None


def _hash(name: str) -> HashAlgorithm:
    from cryptography.hazmat.primitives import hashes

    return hashes.SHA256() if name == "SHA256" else hashes.SHA384() if name == "SHA384" else hashes.SHA512()


def _string(value: bytes) -> bytes:
    return len(value).to_bytes(4) + value


def _fields(blob: bytes, at: int, count: int | None) -> list[bytes]:
    """The strings of a blob from a place on, each after its length; `count` of them and nothing
    else. ValueError otherwise."""
    strings = []
    while at < len(blob):
        size = int.from_bytes(blob[at : at + 4])
        if at + 4 + size > len(blob):
            raise ValueError("a string goes on after the end")
        strings.append(blob[at + 4 : at + 4 + size])
        at += 4 + size
    if count is not None and len(strings) != count:
        raise ValueError("another number of strings")
    return strings
