"""From a published text to addressable provisions: reading (lines), structure (eIds), writing (TOML).

Receives a source text and its list of corrections; returns one TOML file an article or part;
never changes a word without listing the repair, and never guesses: a marker out of sequence is an error.
"""
