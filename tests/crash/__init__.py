"""Writing and crashes: the real program dies, or cannot go on, at any
moment, and nothing is lost, and nothing comes twice."""
