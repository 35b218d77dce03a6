"""Images for the Glance of a lab's guest: many at once, straight into its store and its database, and hands to look at them."""
