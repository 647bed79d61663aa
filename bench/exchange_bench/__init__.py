"""The exchange, measured side by side with others. `bench/run` starts it; README.md has the measurements."""
