"""The data generator and the measurements of the figures that the design asks for: `python -m benchmarks --help`."""
