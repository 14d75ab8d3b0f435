"""The contract with the schools: what a form asks for, and what is made from it."""
