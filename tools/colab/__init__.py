"""The course on Google Colab: badges and start cells, and a trial with Colab's own versions."""
