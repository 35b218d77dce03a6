"""The report as text: each format is a function from the report to the text of a file."""
