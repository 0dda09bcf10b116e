"""Who serves whom: the directory, referrals, and the figures of the calls that ask for them."""
