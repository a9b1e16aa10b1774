"""Use cases of the journal: anchors and export."""
