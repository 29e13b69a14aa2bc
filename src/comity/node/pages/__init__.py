"""The frame of all pages: base template, style, labels, times and citations in the reader's language, errors.

Receives what a room's view wants to show; returns HTML. Never decides, never writes a row.
"""
