"""Windtunnel's simulator: a system design as data, run under load and faults, and measured."""
