"""The documents that leave this program, one file each."""
