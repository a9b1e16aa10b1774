"""Tables and their queries; nothing here commits."""
