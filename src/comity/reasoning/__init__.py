"""Facts and treaties in, an opinion out: basis, contents, clocks, grounds, duties, limits.

Pure: no clock, no disk, no network. It finds; an official decides.
"""
