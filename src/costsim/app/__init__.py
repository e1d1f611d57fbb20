"""The use cases: what each command does, told in the words of the layers below; no argument parsing, no printing."""
