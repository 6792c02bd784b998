"""The explorer: one window on its way over an input, with every number written out.

`state` is what is set and `model` what follows from it; `words`, `tables` and `sheet` say it as
sentences, as tables of HTML and as a figure; `view` has the widgets, and `call` the one door.
"""
