"""Pages of insights: figures of past months, and the report on a month."""
