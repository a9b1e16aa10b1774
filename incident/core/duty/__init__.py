"""Rules of duty: rotas, working calendars, hours of a day, and who is on duty."""
