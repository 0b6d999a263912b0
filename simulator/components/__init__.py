"""The moving parts of a design, as SimPy processes; one component per file.

A component has one public generator, `serve(request)`, which returns when the answer is ready. Upstream delegates to it
with `yield from`, so that a request's journey is one call stack. It raises a `RequestFailed` when there is no answer.
"""
