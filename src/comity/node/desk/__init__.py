"""The 24/7 desk: what came in, what is due, what waits for others."""
