"""Charts, and what a workbook says of its charts and tables to who cannot see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from grantcalc.xlsx.sheets import CHART_ROWS, Block, CellSpan, Chart, Formula, WrittenValue

if TYPE_CHECKING:
    from openpyxl.chart.series import Series
    from openpyxl.worksheet.worksheet import Worksheet

_COLORS = ("9DB8D2", "0B5394", "B45F06", "38761D")  # apart from one another in gray, too
_FRAME = b'id="1" name="Chart 1"'
_ALT = (
    '<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
    'uri="{504A1905-F514-4f6f-8877-14C23A59335A}"><x14:table altText=%s></x14:table></ext></extLst></table>'
)


def draw(worksheet: Worksheet, chart: Chart, block: Block, span: CellSpan, columns: int) -> None:
    """Put a chart beneath the block that it shows, over so many columns: it is as wide as what is
    printed, whatever the widths of characters."""
    from openpyxl.chart import BarChart, LineChart
    from openpyxl.chart.marker import Marker
    from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor

    bars, lines = BarChart(), LineChart()
    bars.title, bars.gapWidth = chart.title, 60
    bars.x_axis.title, bars.y_axis.title = chart.across, chart.up
    bars.x_axis.delete = bars.y_axis.delete = False  # openpyxl leaves them out of sight
    bars.x_axis.tickLblPos, bars.x_axis.axPos, bars.y_axis.number_format = "low", "b", "#,##0"
    assert bars.legend is not None
    assert bars.title is not None
    bars.legend.position, bars.roundedCorners = "b", False
    bars.title.overlay = bars.legend.overlay = False  # else Excel may put them over the picture
    for number, header in enumerate((*chart.bars, *chart.lines)):
        series, of = _series(header, block, span), bars if header in chart.bars else lines
        if of is bars:
            series.graphicalProperties.solidFill = _COLORS[number]
        else:
            series.graphicalProperties.line.solidFill, series.graphicalProperties.line.width = _COLORS[number], 28_575
            series.smooth, series.marker = False, Marker(symbol="none")
        of.series.append(series)
    if chart.lines:
        bars += lines
    top = max(span.last, span.total) + 1
    first, last = AnchorMarker(col=0, row=top), AnchorMarker(col=columns, row=top + CHART_ROWS - 2)
    bars.anchor = TwoCellAnchor(editAs="oneCell", _from=first, to=last)  # type: ignore[assignment]  # or an address
    worksheet.add_chart(bars)


def _series(header: str, block: Block, span: CellSpan) -> Series:
    """A column of the block over the first one. Its values stand in the chart too, as they do
    beside formulas, for programs that only show."""
    from openpyxl.chart.data_source import AxDataSource, NumData, NumDataSource, NumRef, NumVal, StrData, StrRef, StrVal
    from openpyxl.chart.series import SeriesLabel
    from openpyxl.chart.series_factory import SeriesFactory

    at = span.headers.index(header)
    values = [NumVal(idx=i, v=_text(row[at])) for i, row in enumerate(block.rows)]
    names = [StrVal(idx=i, v=_text(row[0])) for i, row in enumerate(block.rows)]
    series: Series = SeriesFactory(span.column(header))
    series.tx = SeriesLabel(StrRef(span.cell(header, span.header), StrData(ptCount=1, pt=[StrVal(idx=0, v=header)])))
    data = NumData(formatCode="General", ptCount=len(values), pt=values)
    series.val = NumDataSource(NumRef(span.column(header), data))
    series.cat = AxDataSource(strRef=StrRef(span.column(1), StrData(ptCount=len(names), pt=names)))
    return series


def _text(value: WrittenValue) -> str:
    return _text(value.value) if isinstance(value, Formula) else str(value)


def described(parts: Mapping[str, bytes], tables: Sequence[str], charts: Sequence[str]) -> dict[str, bytes]:
    """The parts of a package with an alternative text for each table and chart, in their order;
    openpyxl has none."""
    told = dict(parts)
    for number, text in enumerate(charts, 1):
        part = f"xl/drawings/drawing{number}.xml"
        told[part] = told[part].replace(_FRAME, f"descr={quoteattr(text)} ".encode() + _FRAME)
    for number, text in enumerate(tables, 1):
        part = f"xl/tables/table{number}.xml"
        told[part] = told[part].replace(b"</table>", (_ALT % quoteattr(text)).encode())
    return told
