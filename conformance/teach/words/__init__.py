"""Words of reports: what each means, a formula, who does it, and a vector that shows it."""
