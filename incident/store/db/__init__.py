"""The database: session, prepared statements, inserts, the write lock."""
