-- From here on entries are of format 2. A grantcalc that knows format 1 only counts the migrations and refuses the ledger.
SELECT 2
