pytest_plugins = ["tests.notebook_cells"]
