"""What people can do, one subject a cog: each takes the interaction, calls `rag`, renders and sends."""
