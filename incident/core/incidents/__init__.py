"""Rules of incidents: alerts, triage, indicators, category and grade, competence, routing rules, search terms."""
