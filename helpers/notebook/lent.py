"""The modules that `from_notebook` makes, for a process that has not called it yet.

A file that `torch.save(model, path)` or `pickle` wrote names a model's class as
'helpers.notebook.lent.section_7_6_lenet.LeNet'. Whoever loads it imports this module first,
as the one before the last dot; it puts modules of these names into `sys.modules`, as `os` does
with `os.path`, and each reads its notebook when something is asked of it.
"""

import sys
from types import ModuleType

from helpers.notebook.cells import names
from helpers.notebook.classes import from_notebook, module_name


class _Unread(ModuleType):
    """Stands for a notebook until a name is taken from it."""

    def __init__(self, notebook: str) -> None:
        super().__init__(module_name(notebook), f"Classes of notebooks/{notebook}.ipynb.")
        self.__notebook = notebook

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # asked for by Python itself, of every module
            raise AttributeError(name)
        return getattr(from_notebook(self.__notebook), name)


for _notebook in names():
    sys.modules.setdefault(module_name(_notebook), _Unread(_notebook))
