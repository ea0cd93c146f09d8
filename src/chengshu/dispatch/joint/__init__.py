"""联动指挥: what crosses departments has one lead, parts with clocks, meetings, and one answer."""
