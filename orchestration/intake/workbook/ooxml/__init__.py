"""The packages of .xlsx as bytes: what is put in order or cut off before anybody parses it."""
