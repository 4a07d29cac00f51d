"""make bench: the mount beside the local disk and other file systems."""
