"""What a new account of the range holds: a company's customer data under one key, and a thief in it."""
