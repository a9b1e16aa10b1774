"""What can be done: one public function, one deed, one transaction."""
