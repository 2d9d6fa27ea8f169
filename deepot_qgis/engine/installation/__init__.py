"""ONNX Runtime installed for this plugin alone: into a folder of the user's, by one click or one command.

`choice` knows which wheel this Python can have, `place` where it lies and which is used, `interpreter` finds the Python
program, `pip` how it is called, `failures` what its errors mean, `trial` whether the result works, and `installing`
does it all. Nothing is written into the Python of the system, and numpy stays as it is.
"""

from .choice import Machine, Wanted, choose, this_machine
from .installing import InstallOptions, install, plan
from .place import Installed, by_hand, current, home, remove

__all__ = [
    "InstallOptions",
    "Installed",
    "Machine",
    "Wanted",
    "by_hand",
    "choose",
    "current",
    "home",
    "install",
    "plan",
    "remove",
    "this_machine",
]
