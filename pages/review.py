"""placeholder"""

from ui import shell

shell.ensure()
