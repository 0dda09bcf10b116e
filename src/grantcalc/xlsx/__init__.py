"""Any workbook: its package printed, and its package read."""
