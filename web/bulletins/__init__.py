"""Telling associations something, by a city's staff or a federation's officers: written, looked through, sent."""
