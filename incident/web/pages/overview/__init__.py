"""Pages of the overview: what burns now, across all areas."""
