"""The clock's hand: wakes, owns no truth."""
