"""What a developer's commands need beside the program: catalogues, front-end files, the build."""
