"""Workbooks and JSON, in and out. The one place that imports a workbook library, and only where it is used."""
