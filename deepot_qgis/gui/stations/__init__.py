"""The tab "Stations": extensometers and GNSS beside a map."""
