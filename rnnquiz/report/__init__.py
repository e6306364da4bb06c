"""The class report: what a marking says about the class, the boxes, the mistakes and the
variants."""
