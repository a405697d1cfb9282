"""The load harness: starts fleet, sink and one agent after another, and compares what they cost."""
