"""One subject through one vector, judged by answers that are given: start with `run`, then `compare`."""
