"""`python -m fedresolver` is the command `fedresolver`."""

from fedresolver.cli.main import main

if __name__ == "__main__":
    main()
