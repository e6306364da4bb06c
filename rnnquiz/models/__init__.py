"""The models: cells, losses, optimisers and notations by name, and the mistakes made in them."""
