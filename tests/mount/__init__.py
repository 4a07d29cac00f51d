"""Tests of the real program on real mounts."""
