"""grantcalc: per-capita reimbursements of U.S. grant programmes, with the reason for every cent."""
