"""Signatures by the real ssh-keygen: what it signs and verifies is checked here alike, and nothing
else passes."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grantcalc import Rejected
from grantcalc.audit.signed import signer_of
from grantcalc.cli import main
from grantcalc.io import Store
from grantcalc.ledger.chain import NOTHING
from grantcalc.signatures import Uncheckable, Unsigned, read_signers, signed_by
from tests import sample_program
from tests.requirements import require
from tests.test_store import LEDGER

KINDS = [("ed25519", ""), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "2048"), ("rsa", "3072")]
DATA = b"a document\n"


def key(folder: Path, kind: str = "ed25519", bits: str = "") -> Path:
    """A new key without a passphrase; its public half stands beside it."""
    path = folder / f"key-{kind}{bits}"
    size = ["-b", bits] if bits else []
    subprocess.run([require("ssh-keygen"), "-q", "-t", kind, *size, "-N", "", "-f", path], check=True)
    return path


def public(path: Path) -> str:
    """The kind of a public key, and the key."""
    return " ".join(path.with_name(f"{path.name}.pub").read_text("utf-8").split()[:2])


def sign(path: Path, file: Path, namespace: str = "grantcalc", *options: str) -> bytes:
    """The signature that ssh-keygen writes beside a file."""
    beside = file.with_name(f"{file.name}.sig")
    beside.unlink(missing_ok=True)
    command: list[str | Path] = [require("ssh-keygen"), "-Y", "sign", "-n", namespace, "-f", path, *options, file]
    subprocess.run(command, check=True, capture_output=True)
    return beside.read_bytes()


def verified_by_others(file: Path, signers: Path) -> bool:
    """Whether `ssh-keygen -Y verify` takes the signature beside a file as that of a@example.org."""
    command = [require("ssh-keygen"), "-Y", "verify", "-f", str(signers), "-I", "a@example.org", "-n", "grantcalc"]
    with file.open("rb") as data:
        done = subprocess.run([*command, "-s", f"{file}.sig"], stdin=data, capture_output=True, check=False, timeout=60)
    return done.returncode == 0


@pytest.fixture
def signed(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A key, a file that it signed, and the allowed signers."""
    (file := tmp_path / "document").write_bytes(DATA)
    path = key(tmp_path)
    (signers := tmp_path / "signers").write_text(f"# who may sign\n\na@example.org {public(path)} a comment\n", "utf-8")
    sign(path, file)
    return path, file, signers


class TestBesideSshKeygen:
    """What ssh-keygen verifies is verified here, and what it refuses is refused here."""

    @pytest.mark.parametrize(("kind", "bits"), KINDS)
    @pytest.mark.parametrize("hashed", ["sha256", "sha512"])
    def test_each_algorithm(self, tmp_path: Path, kind: str, bits: str, hashed: str) -> None:
        (file := tmp_path / "document").write_bytes(DATA)
        path = key(tmp_path, kind, bits)
        (signers := tmp_path / "signers").write_text(f'a@example.org namespaces="grantcalc" {public(path)}\n', "utf-8")
        sign(path, file, "grantcalc", "-O", f"hashalg={hashed}")
        assert verified_by_others(file, signers)
        assert signer_of(file, signers) == "a@example.org"
        file.write_bytes(DATA + b" ")
        assert not verified_by_others(file, signers)
        with pytest.raises(Unsigned, match="the file is not what was signed"):
            signer_of(file, signers)

    def test_another_purpose(self, signed: tuple[Path, Path, Path]) -> None:
        path, file, signers = signed
        sign(path, file, "file")
        assert not verified_by_others(file, signers)
        with pytest.raises(Unsigned, match="sign with -n grantcalc"):
            signer_of(file, signers)

    def test_a_signer_for_another_purpose(self, signed: tuple[Path, Path, Path]) -> None:
        path, file, signers = signed
        signers.write_text(f'a@example.org namespaces="file,git" {public(path)}\n', "utf-8")
        assert not verified_by_others(file, signers)
        with pytest.raises(Unsigned, match="none of the allowed signers"):
            signer_of(file, signers)

    def test_another_key(self, signed: tuple[Path, Path, Path], tmp_path: Path) -> None:
        _, file, signers = signed
        signers.write_text(f"a@example.org {public(key(tmp_path, 'ecdsa'))}\n", "utf-8")
        assert not verified_by_others(file, signers)
        with pytest.raises(Unsigned, match="none of the allowed signers"):
            signer_of(file, signers)

    def test_every_byte_of_a_signature(self, signed: tuple[Path, Path, Path]) -> None:
        """A changed signature is no signature: the blob's bytes, one after the other."""
        _, file, signers = signed
        whole = file.with_name("document.sig").read_bytes()
        begin, *body, end = whole.split(b"\n")[:-1]
        blob = b64decode(b"".join(body))
        allowed = read_signers(signers.read_bytes())
        assert signed_by(DATA, whole, allowed) == "a@example.org"
        for at in range(len(blob)):
            damaged = blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]
            with pytest.raises(Unsigned):
                signed_by(DATA, b"\n".join([begin, b64encode(damaged), end]), allowed)
        for other in (b"", whole[:-40], whole + whole, whole.replace(b"SSH", b"PGP"), b"\xff" * 100):
            with pytest.raises(Unsigned):
                signed_by(DATA, other, allowed)

    def test_no_signature(self, signed: tuple[Path, Path, Path]) -> None:
        _, file, signers = signed
        file.with_name("document.sig").unlink()
        with pytest.raises(Unsigned, match=r"there is no document\.sig beside it"):
            signer_of(file, signers)

    def test_a_short_rsa_key(self, tmp_path: Path) -> None:
        (file := tmp_path / "document").write_bytes(DATA)
        path = key(tmp_path, "rsa", "1024")
        sign(path, file)
        with pytest.raises(Unsigned, match="shorter than 2048 bits"):
            signed_by(DATA, Path(f"{file}.sig").read_bytes(), read_signers(f"a {public(path)}".encode()))


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKVUyKxQl0DSaNzVO1u7ozfDAcPXzBsgT8dJxWvVbX8"


class TestSignersFile:
    """A line that says what is not honored here is refused with its number, and nothing of it is
    repeated."""

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (f"* {KEY}", "patterns of principals"),
            (f"!a,b {KEY}", "patterns of principals"),
            (f"a cert-authority {KEY}", "an option of this line is not honored"),
            (f'a valid-after="20260101Z" {KEY}', "an option of this line is not honored"),
            (f'a namespaces="grantcalc",valid-before="20260101" {KEY}', "an option of this line is not honored"),
            (f'a namespaces="*" {KEY}', "patterns of namespaces"),
            (f'a namespaces="file",namespaces="grantcalc" {KEY}', "an option of this line is not honored"),
            ("a sk-ssh-ed25519@openssh.com AAAA", "this kind of key is not honored"),
            ("a ssh-dss AAAA", "this line is no signer|this kind of key is not honored"),
            (f"a {KEY[:-4]}!", "not written in base64"),
            (f"a ssh-rsa {KEY.split()[1]}", "of another kind"),
            ("a", "this line is no signer"),
            (f'a namespaces="grantcalc {KEY}', "this line is no signer"),
        ],
    )
    def test_what_is_not_honored(self, line: str, said: str) -> None:
        with pytest.raises(Rejected, match=said) as refused:
            read_signers(f"# one\nb {KEY}\n{line}\n".encode(), "signers")
        (finding,) = refused.value.findings
        assert finding.place.line == 3

    def test_what_is_honored(self) -> None:
        text = f'\ta,b\t{KEY} Somebody\n  # a comment\nc NAMESPACES="file,grantcalc" {KEY}\n'
        assert [(s.principals, s.namespaces) for s in read_signers(text.encode())] == [
            ("a,b", ()),
            ("c", ("file", "grantcalc")),
        ]

    def test_a_private_key_is_refused_unread(self, tmp_path: Path) -> None:
        with pytest.raises(Rejected, match="a private key, which grantcalc never reads"):
            read_signers(key(tmp_path).read_bytes())

    def test_bytes_that_are_not_text(self) -> None:
        with pytest.raises(Rejected, match="not UTF-8"):
            read_signers(b"a \xff\n")
        with pytest.raises(Rejected, match="this line is no signer"):
            read_signers(f"a\x1b[31m {KEY}\n".encode())


def command(*arguments: object, status: int = 0) -> Result:
    result = CliRunner().invoke(main, [*map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result


def test_without_the_library_it_says_what_to_install(
    signed: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(Uncheckable, match=r"pip install 'grantcalc\[signatures\]'"):
        signer_of(*signed[1:])


class TestCommands:
    """`verify --signers` and `ledger verify --published HEAD.txt --signers`."""

    def test_a_document(self, tmp_path: Path) -> None:
        inputs = sample_program.inputs(tmp_path)
        books = [inputs / f"{name}.xlsx" for name in ("award", "caseload-a", "caseload-b")]
        claim, path = tmp_path / "claim.xlsx", key(tmp_path)
        (signers := tmp_path / "signers").write_text(f"a@example.org {public(path)}\n", "utf-8")
        command("bill", *books, "--through", "2011-12", "--out", claim)
        verify = ("verify", claim, "--inputs", inputs, "--signers", signers)
        said = "the signature: says there is no claim.xlsx.sig beside it, should say the signature of an allowed signer"
        assert said in command(*verify, status=1).output
        sign(path, claim)
        assert command(*verify).stderr == "note: signed by a@example.org\n"
        claim.write_bytes(claim.read_bytes() + b"\0")  # as a program that saves it again changes its bytes
        assert "it was changed, or saved again, since" in command(*verify, status=1).output

    def test_the_head_of_a_ledger(self, tmp_path: Path) -> None:
        ledger, path = tmp_path / "ledger.db", key(tmp_path)
        (signers := tmp_path / "signers").write_text(f"a@example.org {public(path)}\n", "utf-8")
        Store(ledger, create=True).append(LEDGER.entries[:2], NOTHING)
        head = tmp_path / "head.txt"
        head.write_text(command("ledger", "head", ledger).stdout, "utf-8")
        sign(path, head)
        Store(ledger).append(LEDGER.entries[2:], LEDGER.entries[1].head)
        verify = ("ledger", "verify", ledger, "--published", head)
        assert command(*verify).stderr == ""
        assert "note: the head was signed by a@example.org" in command(*verify, "--signers", signers).stderr
        other = tmp_path / "other.db"
        Store(other, create=True).append(LEDGER.entries[:1], NOTHING)
        assert "is not the one whose head was published" in command(*verify[:2], other, *verify[3:], status=1).output
        head.write_text(command("ledger", "head", ledger).stdout, "utf-8")
        assert command(*verify).stderr == ""
        assert "the file is not what was signed" in command(*verify, "--signers", signers, status=1).output
        head.write_text("another text\n", "utf-8")
        assert "this is no head of a ledger" in command(*verify, status=1).output
        assert "--signers checks who signed" in command(*verify[:3], "--signers", signers, status=2).stderr
