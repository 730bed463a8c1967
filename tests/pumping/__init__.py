"""A sender who asks for codes to other people's numbers; what they are sent is counted."""
