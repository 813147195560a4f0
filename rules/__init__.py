"""When an event fires: pure decisions over facts and conversation state. No I/O, no clock, no await, no logging."""
