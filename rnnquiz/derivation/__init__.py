"""From equations to values: the graph of all steps, its gradients, and how exactly all is known."""
