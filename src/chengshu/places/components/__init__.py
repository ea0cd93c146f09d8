"""Components (部件): located objects of the city with their unit grid, class and owner."""
