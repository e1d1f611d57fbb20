"""Behind `costsim tasks`: the task types, texts and their tasks, how good that is, and what decided."""
