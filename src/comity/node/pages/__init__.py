"""The frame of all pages: base template, style, law side panel, errors, sign-in."""
