// GCJ-02, in which some servers of tiles draw: the same formulas as kernel/geo.py. Points are [lat, lng].

const AXIS = 6378245.0;
const ECCENTRICITY_2 = 0.00669342162296594323;
const { PI, abs, cos, sin, sqrt } = Math;

const inChina = (lat, lng) => lat >= 0.8293 && lat <= 55.8271 && lng >= 72.004 && lng <= 137.8347;

export const toGcj = ([lat, lng]) => {
  if (!inChina(lat, lng)) return [lat, lng];
  const x = lng - 105;
  const y = lat - 35;
  const root = sqrt(abs(x));
  const ripple = ((20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2) / 3;
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple;
  north += ((20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3;
  north += ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3;
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple;
  east += ((20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3;
  east += ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
  const radians = (lat * PI) / 180;
  const magic = 1 - ECCENTRICITY_2 * sin(radians) ** 2;
  const meridian = (AXIS * (1 - ECCENTRICITY_2)) / (magic * sqrt(magic));
  const parallel = (AXIS / sqrt(magic)) * cos(radians);
  return [lat + (north / meridian) * (180 / PI), lng + (east / parallel) * (180 / PI)];
};

// The shift changes slowly, so a few corrections reach a billionth of a degree.
export const fromGcj = ([lat, lng]) => {
  let guess = [lat, lng];
  for (let n = 0; n < 30 && inChina(lat, lng); n += 1) {
    const got = toGcj(guess);
    if (abs(got[0] - lat) < 1e-10 && abs(got[1] - lng) < 1e-10) break;
    guess = [guess[0] + lat - got[0], guess[1] + lng - got[1]];
  }
  return guess;
};
