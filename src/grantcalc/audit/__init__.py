"""Whether an issued workbook tells the truth, and why it says what it says."""
