"""Numbers as people type them."""
