"""Rules of insights: which facts of an incident are counted on which day, and what their sums say."""
