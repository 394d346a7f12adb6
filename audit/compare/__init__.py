"""Two cells of a row beside each other: places, names, quantities, claims."""
