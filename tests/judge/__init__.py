"""An independent judge: the rule book a second time, as plainly as possible, and histories to compare it on."""
