"""Hold what a server remembers: files, assets, models, user data, API keys and background tasks."""
