"""What a page states: chains of members, each under what headings and prose say above it."""
