"""The report of one edition, in Word and as a page; it chooses rows of marts and adds nothing."""
