"""What an instructor hands on: a site, and notebooks without the answers."""
