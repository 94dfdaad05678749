"""Reports for programs: a function `text` in each, which `adamref check` has an option for."""
