"""What can be done: one public function, one transaction."""
