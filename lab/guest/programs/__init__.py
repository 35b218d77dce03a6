"""Programs that run on the guest, with nothing but its own Python: they are put into the image as they stand."""
