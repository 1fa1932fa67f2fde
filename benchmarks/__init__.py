"""What the project claims, measured: ``accuracy`` against people's labels, speed, reading."""
