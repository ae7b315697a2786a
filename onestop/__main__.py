"""``python -m onestop`` is the command `onestop`."""

from onestop.cli import main

if __name__ == "__main__":
    main()
