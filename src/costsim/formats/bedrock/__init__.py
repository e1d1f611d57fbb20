"""Amazon Bedrock: its runtime's bodies and its invocation log."""
