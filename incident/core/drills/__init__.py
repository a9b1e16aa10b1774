"""Rules of drills: the clock of a drill, its score and its lessons."""
