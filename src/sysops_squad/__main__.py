"""`python -m sysops_squad`: the development launcher."""

from sysops_squad.launcher import main

if __name__ == "__main__":
    main(prog_name="sysops-squad")
