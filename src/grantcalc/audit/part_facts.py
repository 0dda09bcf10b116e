"""What the parts of a workbook say besides its cells, as facts of which two workbooks that look the
same have the same.

A fact is a place in a part (`worksheet/sheetViews/sheetView@showZeros`) and what stands there. What
says nothing is no fact: a default that is written out, and what LibreOffice and openpyxl add as
they save one of our documents again (`SILENT`). Whatever is not listed there is a fact, known or
not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from grantcalc.audit.cell_styles import flag
from grantcalc.xlsx.elements import Element

_ANY, _NO, _YES, _COUNT = ".*", "0", "1", "[0-9]+"
_BLACK = "(b=0|000000)"
_LINE = {"w": "0|[0-9]{4,5}"}
_INK: Mapping[str, Mapping[str, str]] = {
    "c:txPr": {},
    "a:bodyPr": {"rot": "0|-5400000", "wrap": "none"},
    "a:lstStyle": {},
    **{key: {} for key in ("a:p", "a:r", "a:t")},
    "a:pPr": {},
    **{key: {"b": "[01]", "sz": "[1-2][0-9]00", "spc": "-1", "strike": "noStrike"} for key in ("a:defRPr", "a:rPr")},
    **{f"{e}/a:solidFill": {} for e in ("a:defRPr", "a:rPr")},
    **{f"{e}/a:solidFill/a:srgbClr": {"val": "000000"} for e in ("a:defRPr", "a:rPr")},
    "a:latin": {"typeface": "Calibri|Arial"},
}  # black letters of a usual size
_CHART: Mapping[str, Mapping[str, str]] = {
    "c:lang": {"val": _ANY},
    "c:roundedCorners": {"val": _NO},
    "c:autoTitleDeleted": {"val": _NO},
    "c:layout": {},
    "c:overlay": {"val": _NO},
    "c:spPr": {},
    "a:prstDash": {"val": "solid"},
    "a:round": {},
    "a:ln": _LINE,
    **{f"c:{e}/c:spPr/a:noFill": {} for e in ("title", "plotArea", "legend")},
    **{f"c:{e}/c:spPr/a:ln/a:noFill": {} for e in ("title", "plotArea", "legend", "hiLowLines")},
    "c:barChart/c:ser/c:spPr/a:ln/a:noFill": {},
    "c:lineChart/c:ser/c:spPr/a:solidFill": {},
    "c:lineChart/c:ser/c:spPr/a:solidFill/a:srgbClr": {"val": _ANY},  # a line has no ground
    **{f"c:{e}/c:spPr/a:ln/a:solidFill": {} for e in ("catAx", "valAx", "majorGridlines")},
    **{f"c:{e}/c:spPr/a:ln/a:solidFill/a:srgbClr": {"val": "878787|B3B3B3"} for e in ("catAx", "valAx")},
    "c:majorGridlines/c:spPr/a:ln/a:solidFill/a:srgbClr": {"val": "878787|B3B3B3"},
    "c:chartSpace/c:spPr/a:solidFill": {},
    "c:chartSpace/c:spPr/a:solidFill/a:srgbClr": {"val": "FFFFFF"},
    "c:chartSpace/c:spPr/a:ln/a:solidFill": {},
    "c:chartSpace/c:spPr/a:ln/a:solidFill/a:srgbClr": {"val": "D9D9D9"},
    **{key: {"val": _NO} for key in ("c:varyColors", "c:invertIfNegative", "c:overlap")},
    "c:dLbls": {},
    **{f"c:dLbls/c:{e}": {"val": _NO} for e in ("showLegendKey", "showVal", "showCatName", "showSerName")},
    "c:dLbls/c:showPercent": {"val": _NO},
    "c:dLbls/c:showLeaderLines": {"val": _ANY},
    "c:dLbls/c:dLblPos": {"val": "outEnd|r"},
    "c:dLbls/c:separator": {"text": " "},
    "c:dLbls/c:extLst": {},
    "c:dLbls/c:extLst/c:ext": {"uri": r"\{CE6537A1-D6FC-4f65-9D91-7224C49458BB\}"},
    "http://schemas.microsoft.com/office/drawing/2012/chart showLeaderLines": {"val": _ANY},
    "c:hiLowLines": {},
    "c:lineChart/c:marker": {"val": "[01]"},
    "c:marker/c:spPr": {},
    "c:marker/c:spPr/a:ln": _LINE,
    "c:axId": {"val": _COUNT},
    "c:crossAx": {"val": _COUNT},
    "c:crosses": {"val": "autoZero"},
    "c:auto": {"val": _YES},
    "c:lblAlgn": {"val": "ctr"},
    "c:lblOffset": {"val": "100"},
    "c:noMultiLvlLbl": {"val": "[01]"},
    "c:valAx/c:tickLblPos": {"val": "nextTo"},
    "c:catAx/c:numFmt": {"formatCode": "General", "sourceLinked": "[01]"},
    "c:crossBetween": {"val": "between"},
    "c:formatCode": {"text": "General"},
}
_SHEET: Mapping[str, Mapping[str, str]] = {
    **{key: {} for key in ("worksheet", "sheetViews", "hyperlinks", "sheetFormatPr")},
    "tableParts": {"count": _ANY},
    "sheetPr": {"filterMode": _NO},
    "outlinePr": {"summaryBelow": _YES, "summaryRight": _YES},
    "pageSetUpPr": {},
    "dimension": {"ref": _ANY},
    "sheetView": {
        **dict.fromkeys(("showFormulas", "rightToLeft"), _NO),
        **dict.fromkeys(("showZeros", "defaultGridColor", "showOutlineSymbols", "showRowColHeaders"), _YES),
        **dict.fromkeys(("showGridLines", "tabSelected"), "[01]"),
        **dict.fromkeys(("zoomScale", "zoomScaleNormal", "zoomScalePageLayoutView"), "60|100"),
        "view": "normal",
        "topLeftCell": "A1",
        "colorId": "64",
        "workbookViewId": _NO,
    },
    "pane": {"activePane": _ANY},
    "selection": dict.fromkeys(("pane", "activeCell", "activeCellId", "sqref"), _ANY),
    "sheetFormatPr": {
        "baseColWidth": "8",
        "defaultColWidth": "(8|9)(\\.[0-9]+)?",
        "defaultRowHeight": "1[2-6](\\.[0-9]+)?",
        **dict.fromkeys(("zeroHeight", "outlineLevelRow", "outlineLevelCol", "customHeight"), _NO),
    },
    "mergeCells": {"count": _ANY},
    "hyperlink": {"display": _ANY},
    "dataValidations": {"count": _ANY},
    "dataValidation": {
        "allowBlank": "[01]",
        "errorStyle": "stop",
        "operator": "between|equal",
        "type": "none",
        **dict.fromkeys(("showDropDown", "showErrorMessage"), _NO),
    },
    "formula1": {"text": _NO},
    "formula2": {"text": _NO},
    "printOptions": {
        **dict.fromkeys(("headings", "gridLines", "horizontalCentered", "verticalCentered"), _NO),
        "gridLinesSet": _YES,
    },
    "pageMargins": {"header": r"0\.51?|0", "footer": r"0\.51?"},
    "pageSetup": {
        "scale": "100",
        "pageOrder": "downThenOver",
        "cellComments": "none",
        "copies": "1",
        **dict.fromkeys(("blackAndWhite", "draft", "useFirstPageNumber"), _NO),
        **dict.fromkeys(("horizontalDpi", "verticalDpi"), _COUNT),
        "fitToHeight": "1",
        "firstPageNumber": "[01]",
    },
    "headerFooter": {"differentFirst": _NO, "differentOddEven": _NO},
    **{key: {} for key in ("oddHeader", "evenHeader", "evenFooter", "firstHeader", "firstFooter")},
    "rowBreaks": {"count": _ANY, "manualBreakCount": _ANY},
    "brk": {"man": _YES, "min": _NO, "max": "16383"},
    "tablePart": {"r:id": _ANY},
    "drawing": {"r:id": _ANY},
}
_TABLE: Mapping[str, Mapping[str, str]] = {
    "table": {"id": _ANY, "headerRowCount": _YES, "totalsRowCount": _NO, "totalsRowShown": _NO},
    "tableColumns": {"count": _ANY},
    "tableColumn": {"id": _ANY},
    "table/extLst": {},
    "table/extLst/ext": {"uri": r"\{504A1905-F514-4f6f-8877-14C23A59335A\}"},
}
_BOOK: Mapping[str, Mapping[str, str]] = {
    **{key: {} for key in ("workbookProtection", "bookViews", "extLst", "definedNames", "sheets")},
    "fileVersion": {"appName": "Calc|xl"},
    "workbookPr": {"backupFile": _NO, "showObjects": "all", "date1904": _NO},
    "workbookView": {
        **dict.fromkeys(("showHorizontalScroll", "showVerticalScroll", "showSheetTabs"), _YES),
        **dict.fromkeys(("xWindow", "yWindow", "windowWidth", "windowHeight", "tabRatio"), _COUNT),
        "autoFilterDateGrouping": _YES,
        "minimized": _NO,
        "visibility": "visible",
        "firstSheet": _NO,
        "activeTab": _COUNT,
    },
    "sheet": {"sheetId": _ANY, "r:id": _ANY, "state": _ANY},  # the reader tells which are hidden
    "definedName": {"function": _NO, "hidden": _NO, "vbProcedure": _NO},
    "calcPr": {
        "calcId": _COUNT,
        "fullCalcOnLoad": _YES,
        "refMode": "A1",
        "iterate": _NO,
        "iterateCount": "100",
        "iterateDelta": r"0|0\.001|0\.0001",
        "calcMode": "auto",
    },
    "workbook/extLst/ext": {"uri": r"\{7626C862-2A13-11E5-B345-FEFF819CDC9F\}"},
    "http://schemas.libreoffice.org/ extCalcPr": {"stringRefSyntax": _ANY},
}
_DRAWING: Mapping[str, Mapping[str, str]] = {
    **{key: {} for key in ("xdr:nvGraphicFramePr", "xdr:cNvGraphicFramePr", "xdr:clientData", "xdr:xfrm", "a:graphic")},
    "xdr:graphicFrame": {"macro": ""},
    "xdr:cNvPr": {"id": _COUNT},
    "a:off": {"x": _COUNT, "y": _COUNT},
    "a:ext": {"cx": _COUNT, "cy": _COUNT},
    "c:chart": {"r:id": _ANY},
}
SILENT: Mapping[str, Mapping[str, str]] = {**_INK, **_CHART, **_SHEET, **_TABLE, **_BOOK, **_DRAWING}
"""What says nothing: by element, as far up as is needed, the values of its attributes (`text`: what
stands in it)."""

MAY_GO = re.compile(r".*/(pane@\w+|xdr:cNvPr@descr)|\w+:table/extLst/.*")
"""What a program may lose as it saves again, and may not change."""

_KEYS = {
    "mergeCell": "ref",
    "hyperlink": "ref",
    "dataValidation": "sqref",
    "brk": "id",
    "tableColumn": "id",
    "definedName": "name",
    "c:pt": "idx",
}


def facts_of(element: Element, above: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """What an element says, and what stands in it: each place, and what it holds."""
    path = (*above, element.name)
    silent = _silent(path)
    where = "/".join(path)
    said = [(f"{where}@{key}", _value(key, value)) for key, value in element.attributes.items()]
    if element.text.strip() or (element.text and not element.inside):
        said.append((f"{where}#", _text(element)))
    told = [
        (at, value) for at, value in said if silent is None or not _says_nothing(silent, at.rpartition("@")[2], value)
    ]
    count: dict[str, int] = {}
    for e in element.inside:
        key = e.attributes.get(_KEYS.get(e.name, ""), "")
        count[e.name] = count.get(e.name, 0) + 1
        number = key or (str(count[e.name]) if count[e.name] > 1 else "")
        inner = facts_of(e, path)
        told += [(_numbered(at, where, e.name, number), value) for at, value in inner] if number else inner
    return iter(told if told or silent is not None else [(where, "there")])


def joined_facts(facts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Facts by their places; what is said twice of one place counts twice."""
    joined: dict[str, str] = {}
    for place, value in facts:
        joined[place] = f"{joined[place]}, {value}" if place in joined else value
    return joined


def _numbered(at: str, above: str, name: str, number: str) -> str:
    """A place in an element of which there are several, with what tells it from the others."""
    begins = f"{above}/{name}"
    return f"{begins}[{number}]{at[len(begins) :]}"


def _silent(path: tuple[str, ...]) -> Mapping[str, str] | None:
    """What says nothing in an element, by the entry that names most of where it stands; None for
    one not known."""
    for first in range(max(0, len(path) - 6), len(path)):
        if (reason := SILENT.get("/".join(path[first:]))) is not None:
            return reason
    return None


def _says_nothing(silent: Mapping[str, str], key: str, value: str) -> bool:
    allowed = silent.get("text" if key.endswith("#") else key)
    return allowed is not None and re.fullmatch(allowed, value) is not None


def _value(key: str, value: str) -> str:
    return value.upper() if key == "val" and re.fullmatch("[0-9A-Fa-f]{6}", value) else flag(value)


def _text(element: Element) -> str:
    return flag(element.text) if element.name in ("c:v", "formula1", "formula2") else element.text
