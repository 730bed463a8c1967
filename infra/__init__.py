"""What Kairan runs on: the development stack (dev/); no code of the product imports this package."""
