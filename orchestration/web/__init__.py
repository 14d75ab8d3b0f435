"""The stewards' pages: sign in, look at what the gates found, decide, sign."""
