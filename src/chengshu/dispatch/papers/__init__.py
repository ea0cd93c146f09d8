"""Printed forms (文书), with a place for the seal."""
