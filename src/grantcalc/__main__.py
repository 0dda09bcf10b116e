"""`python -m grantcalc` is the command `grantcalc`."""

from grantcalc.cli.console import console

if __name__ == "__main__":
    console()
