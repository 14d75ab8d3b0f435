"""The stewards' web app: sign in, look at what the gates found, decide."""
