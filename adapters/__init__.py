"""The outside world behind the ports: databases, the embedded server, settings, the command line. No Qt."""
