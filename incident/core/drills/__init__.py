"""Rules of drills: the clock of a drill, its score, and what to do better."""
