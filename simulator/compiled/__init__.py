"""The compiled engine: the same designs as `simulator/components/`, event by event, as machine code (numba).

`engine.py` one floor up decides which engine runs; nothing here is imported before it asks.
"""
