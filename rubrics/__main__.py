"""`python -m rubrics grade answer.yaml`: starts the command of the floor that also knows the questions.

Nothing in rubrics may import what stands above it. A command is started, not imported, so this door hands its arguments
to `python -m practice` by name.
"""

import runpy

if __name__ == "__main__":
    runpy.run_module("practice", run_name="__main__")
