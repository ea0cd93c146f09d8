"""Kinds of order (件类): what they are, how they are numbered, who may know of them."""
