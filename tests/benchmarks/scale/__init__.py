"""Measure how everything grows with the archive, from 5,000 passages to 500,000."""
