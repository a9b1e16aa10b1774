"""Rules of the journal: its hash chain, its verification, its event types."""
