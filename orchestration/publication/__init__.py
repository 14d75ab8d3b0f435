"""From the gated marts to what people outside read: editions, the analysts' database, status."""
