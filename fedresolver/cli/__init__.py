"""The command `fedresolver`: arguments to one of the commands, and what they print."""
