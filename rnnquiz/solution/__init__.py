"""The worked solution: values, lines, reasons, and what numbers cannot tell apart."""
