"""OpenTelemetry: spans in every generation of names."""
