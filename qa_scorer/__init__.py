"""qa-scorer: scores customer-service chats against YAML rules and explains every point."""

__version__ = "0.1.0"
