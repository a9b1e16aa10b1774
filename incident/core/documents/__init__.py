"""Official documents: kinds, content, sign-offs, numbers, markings and layout."""
