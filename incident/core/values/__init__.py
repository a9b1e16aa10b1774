"""Value types and rules that every area uses: faults, text, moments, durations, identifiers, access."""
