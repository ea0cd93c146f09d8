/** The box that holds all of some features; what is drawn decides, not a rounded box in a file. */

export type Bbox = [west: number, south: number, east: number, north: number];

function* pointsOf(geometry: GeoJSON.Geometry): Generator<GeoJSON.Position> {
  switch (geometry.type) {
    case "Polygon":
      yield* geometry.coordinates.flat();
      break;
    case "MultiPolygon":
      yield* geometry.coordinates.flat(2);
      break;
    default:
  }
}

/** West, south, east, north of the polygons; null when there is none. */
export function extentOf(features: GeoJSON.Feature[]): Bbox | null {
  const box: Bbox = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { geometry } of features) {
    for (const [lon = 0, lat = 0] of pointsOf(geometry)) {
      box[0] = Math.min(box[0], lon);
      box[1] = Math.min(box[1], lat);
      box[2] = Math.max(box[2], lon);
      box[3] = Math.max(box[3], lat);
    }
  }
  return box[0] < box[2] ? box : null;
}
