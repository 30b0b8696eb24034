"""Articles in, what happened when out: dated events, each with the passages it rests on."""
