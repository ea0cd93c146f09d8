"""Intake 受理: one file per channel, each ends in one Report handed to `submit`."""
