"""Who serves whom, and who is found: objectives, coalitions, the directory, referrals, and figures of calls."""
