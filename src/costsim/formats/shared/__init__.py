"""What formats are made of: envelopes, streams, numbers, times, text and usage in the shapes that many share."""
