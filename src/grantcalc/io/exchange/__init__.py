"""What machines exchange and keep: JSON, JSON Lines, data frames, and the store of a ledger."""
