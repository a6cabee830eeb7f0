"""How the engines work, where several rules need it: layouts, broadcasting, padding, resizing, what is stored."""
