"""The design editor: one design behind a drawing, a form and a file, which are always in step."""
