"""What others keep: the input workbooks, read with every bad cell as a finding; and empty ones to
fill in."""
