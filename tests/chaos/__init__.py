"""Real processes under real faults: what was answered 200 is never lost, and nothing is counted twice."""
