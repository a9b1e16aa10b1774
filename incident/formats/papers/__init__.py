"""Official documents as files: PDF and Office Open XML, each compiled in a process of its own."""
