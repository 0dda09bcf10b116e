"""What leaves: names of files, fields of every page, codes of participants, and who may read what
is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grantcalc.billing.claims import Claim, bill
from grantcalc.eligibility import contact_in, looks_like, may_be_a_name
from grantcalc.errors import Finding, Place, WorkbookRejected
from grantcalc.file_names import may_name_a_person
from grantcalc.io.exchange.store import Store
from grantcalc.io.inputs import read_award, read_caseload
from grantcalc.io.intake.annotate import mark
from grantcalc.io.intake.cells import open_book
from grantcalc.io.issued.claimbook import write_claim
from grantcalc.ledger.ledger import Ledger
from grantcalc.xlsx.package import save
from grantcalc.xlsx.reader import collect_warnings
from tests import sample_program


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_program.world(tmp_path_factory).inputs


def claim_of(folder: Path, caseload: Path) -> Claim:
    return bill(read_caseload(caseload), read_award(folder / "award.xlsx"), sample_program.THROUGH)


class TestNamesOfFiles:
    """A file that may be named for a person is called by its role and digest in what goes up."""

    @pytest.mark.parametrize(
        "name",
        [
            "Maria Lopez.xlsx",
            "caseload maria lopez.xlsx",
            "Lopez caseload.xlsx",
            "MariaLopez.xlsx",
            "lopez.xlsx",
            "caseload-lopez.xlsx",
        ],
    )
    def test_it_is_renamed_on_the_way(self, folder: Path, tmp_path: Path, name: str) -> None:
        (path := tmp_path / name).write_bytes((folder / "caseload-a.xlsx").read_bytes())
        claim = claim_of(folder, path)
        write_claim(claim, out := tmp_path / "out.xlsx")
        texts = [str(cell.value) for rows in open_book(out).sheets.values() for _, cells in rows for cell in cells]
        assert not [text for text in texts if "lopez" in text.casefold()]
        (caseload,) = (i for i in claim.counted().inputs if i.role == "caseload")
        assert caseload.file == f"caseload-{caseload.digest[:8]}.xlsx"
        assert claim.counted().counted() == claim.counted()
        assert [i.file for i in claim.inputs if i.role == "caseload"] == [name]

    @pytest.mark.parametrize(
        "name", ["caseload-SUB-A.xlsx", "Caseload March 2012 final.xlsx", "counts-MG-1.xlsx", "export.csv"]
    )
    def test_words_of_the_field_stay(self, name: str) -> None:
        assert not may_name_a_person(name)

    @pytest.mark.parametrize(
        "name", ["nguyen.xlsx", "caseload_ng_nguyen.csv", "march-nguyen.layout.toml", "NGUYEN.xlsx"]
    )
    def test_any_other_word_may_be_a_name(self, name: str) -> None:
        """In capitals or not, alone or not: no list of words can have all surnames, so that only
        words that are known to be none stay."""
        assert may_name_a_person(name)

    def test_the_name_of_the_issuer_stays(self) -> None:
        assert not may_name_a_person("Catholic Charities caseload.xlsx", ["Catholic Charities"])


class TestFieldsOfEveryPage:
    """Issuer and label stand on every page made from a workbook."""

    @pytest.mark.parametrize("text", ["Call 915-555-0173", "m.lopez@example.org", "SUB-A 123-45-6789"])
    @pytest.mark.parametrize("field", ["issuer", "label"])
    def test_numbers_and_addresses_are_refused(self, tmp_path: Path, field: str, text: str) -> None:
        document = {**sample_program.CASELOAD_A["Document"][0], field: text}
        path = sample_program.write(tmp_path, "caseload", {**sample_program.CASELOAD_A, "Document": [document]})
        with pytest.raises(
            WorkbookRejected, match=f"Document!{'A' if field == 'issuer' else 'C'}2: this has what looks"
        ):
            read_caseload(path)

    @pytest.mark.parametrize("text", ["Maria Lopez", "Prepared by Maria Lopez", "Ms. Lopez", "Lopez, Maria"])
    def test_a_name_is_a_warning(self, tmp_path: Path, text: str) -> None:
        document = {**sample_program.CASELOAD_A["Document"][0], "label": text}
        path = sample_program.write(tmp_path, "caseload", {**sample_program.CASELOAD_A, "Document": [document]})
        with collect_warnings() as told:
            read_caseload(path)
        (said,) = map(str, told)
        assert said.startswith("Document!C2: this may be the name of a person")
        assert "Lopez" not in said

    @pytest.mark.parametrize("text", ["SUB-A", "PRIME", "ILLUSTRATIVE", "ILLUSTRATIVE: as of 2012-10-15", "FY 2012"])
    def test_what_is_no_name(self, text: str) -> None:
        assert contact_in(text) == ""
        assert not may_be_a_name(text)


class TestCodes:
    """A participant's code must not tell who it is."""

    @pytest.mark.parametrize(
        ("code", "what"),
        [
            ("915-555-0173", "a phone number"),
            ("(915) 555-0173", "a phone number"),
            ("ML19840512", "initials and a date of birth"),
            ("JoseGarcia01", "a name"),
            ("jose.garcia1", "a name"),
            ("RonaldGoldman7", "a name"),
            *[(code, "") for code in ("P-0417", "Client12", "ClientCode12", "TX-2012-0001", "05121984", "house-code1")],
        ],
    )
    def test_what_a_code_looks_like(self, code: str, what: str) -> None:
        assert looks_like(code) == what

    def test_a_number_like_a_date_is_a_warning_that_a_layout_lifts(self, tmp_path: Path) -> None:
        rows = {**sample_program.CASELOAD_B, "Participants": [{"participant": "05121984", "age_group": "adult"}]}
        rows["Enrollment"] = [{**sample_program.CASELOAD_B["Enrollment"][0], "participant": "05121984"}]
        path = sample_program.write(tmp_path, "caseload", rows)
        with collect_warnings() as told:
            read_caseload(path)
        (said,) = told
        assert str(said) == (
            "Participants!A2: this number may be a date of birth, expected a code of your own like P-0417, or a layout "
            'that says codes = "00000000"; found text of 8 characters'
        )
        (layout := tmp_path / "l.toml").write_text('codes = "00000000"\n')
        with collect_warnings() as told:
            read_caseload(path, layout)
        assert told == []


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.usefixtures("umask")
class TestPermissions:
    """A new file that holds participants is readable by its owner alone; one that is overwritten
    keeps its mode."""

    def test_of_claims(self, folder: Path, tmp_path: Path) -> None:
        claim = claim_of(folder, folder / "caseload-a.xlsx")
        write_claim(claim, counted := tmp_path / "counted.xlsx")
        write_claim(claim, detailed := tmp_path / "detailed.xlsx", detail=True)
        write_claim(claim, both := tmp_path / "both.xlsx", detail=True, lines=tmp_path / "lines.csv")
        assert [mode(path) for path in (counted, detailed, both, tmp_path / "lines.csv")] == [
            0o644,
            0o600,
            0o644,
            0o600,
        ]
        detailed.chmod(0o640)
        write_claim(claim, detailed, detail=True)
        assert mode(detailed) == 0o640

    def test_of_a_ledger(self, folder: Path, tmp_path: Path) -> None:
        ledger = Ledger().post(claim_of(folder, folder / "caseload-a.xlsx"))
        Store(tmp_path / "l.db", create=True).append(ledger.entries, Ledger().head)
        assert mode(tmp_path / "l.db") == 0o600

    def test_of_a_marked_copy(self, folder: Path, tmp_path: Path) -> None:
        found = [Finding(place=Place("caseload-a.xlsx", "Costs", "E2"), cause="money", problem="this is wrong")]
        mark(found, folder / "caseload-a.xlsx", tmp_path / "marked.xlsx")
        assert mode(tmp_path / "marked.xlsx") == 0o600

    def test_of_any_private_file(self, tmp_path: Path) -> None:
        save(tmp_path / "a", lambda file: str(file.write(b"x")), private=True)
        assert mode(tmp_path / "a") == 0o600
