"""The public's page: a WSGI application of its own, which knows no official and keeps no cookie."""
