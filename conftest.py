pytest_plugins = ["tools.outputs.plugin"]
collect_ignore = ["work"]  # a student's own copies, whatever they hold
