"""The journal outside of the database: anchors, and export to a log collector."""
