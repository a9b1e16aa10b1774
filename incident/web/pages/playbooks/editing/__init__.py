"""Pages on which a playbook is written, checked and compared with its earlier versions."""
