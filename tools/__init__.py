"""Developer tools outside the program: catalogues, front-end files, the build."""
