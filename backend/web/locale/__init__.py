"""The message catalogues: one folder for each language, gathered from templates, pages and acts by `make messages`."""
