"""Files that are kept as evidence of incidents: their names, parts, types and custody."""
