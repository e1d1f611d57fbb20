"""What is run as a process of its own and timed from outside: yardsticks, and single parts of costsim."""
