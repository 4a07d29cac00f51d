"""A stand-in for the Trello REST API, for tests. See README."""
