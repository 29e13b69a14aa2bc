"""Five nodes, one of them dishonest, on a bad network: played from a seed; no clock, socket or thread."""
