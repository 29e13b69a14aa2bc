"""The side of providers: their legal desks' accounts, pages and interface, on a listener of their own.

Receives what people of a provider do with the orders addressed to it; returns it to the orders room. Shows
nothing of a case beyond the order, knows no casework, and lets no official in.
"""
