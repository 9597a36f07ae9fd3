"""Codes and printed labels: the grammar of codes, the fields, the stocks, the symbol and the PDF.

One idea: this package knows paper and characters, and nothing of subjects, batches or databases: it imports nothing of ours.
"""
