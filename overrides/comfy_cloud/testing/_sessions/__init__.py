"""Record what a real server responds, and serve it again: recorder, file format and replay."""
