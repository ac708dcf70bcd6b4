"""Robust sound-guided image manipulation: a sound moves a picture."""
