"""The benchmark: compares the exchange with other systems. `bench/run` starts it; README.md has the measurements."""
