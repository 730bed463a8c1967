"""What closing an association takes besides the row: letters, a dump that is known to be whole, forgetting."""
