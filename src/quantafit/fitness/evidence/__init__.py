"""Whether kinds of evidence agree."""
