"""Each module is a command of that name."""
