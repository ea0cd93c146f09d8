"""吹哨报到: a township calls departments, which must answer in time; silence climbs."""
