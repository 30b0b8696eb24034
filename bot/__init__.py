"""The Discord bot: interactions and messages in, answers of `rag` out. Nothing in `rag` knows of it."""
