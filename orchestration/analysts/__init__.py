"""What analysts open: the published database, and the process that answers their SQL."""
