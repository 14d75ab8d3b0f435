"""What goes to a school and comes back from it."""
