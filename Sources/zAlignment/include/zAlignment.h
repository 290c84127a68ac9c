// Nothing is declared: the object alone counts.
