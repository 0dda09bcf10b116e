"""Whether an award is in order: tests of the award, each with its authority and the day from which that holds."""
