"""What Django's commands do otherwise here."""
