"""Sphinx's settings for the site; tools/kit/site.py calls it."""

project = "Convolutional networks, hands on"
author = "the companion's authors"
copyright = "MIT licence"
root_doc = "index"
exclude_patterns = [".made", ".trees"]
extensions = ["myst_nb", "tools.kit.mathml"]
html_math_renderer = "mathml"
myst_enable_extensions = ["dollarmath", "amsmath"]
nb_execution_mode = "off"
nb_merge_streams = True
myst_heading_anchors = 4
html_theme = "pydata_sphinx_theme"
html_title = "ConvNets, hands on"  # short, for a phone
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
# Results are found by scripts that lie beside the pages; their excerpts would need a server.
html_show_search_summary = False
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "navbar_center": [],
    "header_links_before_dropdown": 3,
}
html_sidebars = {"**": ["globaltoc.html"]}
# Headings begin at the second level in the cells below a notebook's title.
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type", "misc.highlighting_failure"]
