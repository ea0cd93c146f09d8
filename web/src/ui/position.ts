/** Where this device is, when its owner agrees; WGS-84 as the browser gives it. */

export interface Position {
  lon: number;
  lat: number;
  accuracy_m: number;
}

export function here(): Promise<Position | null> {
  if (!("geolocation" in navigator)) return Promise.resolve(null);
  return new Promise((done) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        done({
          lon: coords.longitude,
          lat: coords.latitude,
          accuracy_m: Math.round(coords.accuracy),
        }),
      () => done(null),
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 },
    );
  });
}
