"""`python -m mflverify`: the same as the command `mflverify`."""

from mflverify.cli import main

if __name__ == "__main__":
    main(prog_name="mflverify")
