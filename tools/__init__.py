"""Programs for whoever works on this checkout; nothing here is part of what Strata installs or runs."""
