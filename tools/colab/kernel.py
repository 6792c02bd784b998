"""A kernel in which google.colab is loaded, as it is on Colab from the start.

A stand-in: an empty module of that name, and IPython's own kernel and shell. It runs with the
versions of Colab, as a script, so that nothing of this project can be imported by chance.
"""

import sys
from types import ModuleType

from ipykernel.kernelapp import IPKernelApp

if __name__ == "__main__":
    sys.modules["google.colab"] = colab = ModuleType("google.colab")
    vars(sys.modules.setdefault("google", ModuleType("google")))["colab"] = colab
    IPKernelApp.launch_instance()
