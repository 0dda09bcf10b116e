"""What was posted and what is asked for: the ledger, adjustments, and the request (Rulebook 8 and 9)."""
