pytest_plugins = ["tools.outputs.plugin"]
