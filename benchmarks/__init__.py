"""What is claimed about speed and memory, re-measured by `make bench` as ratios taken in one run."""
