"""Where the images come from: a folder, the cache, a mirror, or a drawn stand-in."""
