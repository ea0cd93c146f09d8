"""What every package stands on: time, ids, database, outbox, errors, settings. No domain words."""
