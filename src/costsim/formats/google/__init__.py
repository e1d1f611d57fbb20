"""Google: Gemini's API and Vertex AI."""
