"""How dates and times are written, a package a language; what is not in it is as Django has it."""
