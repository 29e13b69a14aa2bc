"""Domestic orders to providers: preserve, produce.

Receives a decision of the executing authority; returns what the provider answered; never decides.
"""
