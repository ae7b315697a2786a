"""What others are asked for a request: tasks of departments, and legs to other institutions."""
