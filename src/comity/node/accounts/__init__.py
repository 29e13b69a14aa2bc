"""People, their organisations and roles, and who may do which act.

Receives an official and an act; returns or refuses; never knows what a case says.
"""
