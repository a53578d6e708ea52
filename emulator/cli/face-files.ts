import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the built page may lie: beside the bundle, above its chunks, below the sources. */
const PLACES = ['./face/', '../face/', '../../dist/face/'] as const;
/** The sources of the page lie in a folder of the same name, but without this. */
const BUILT = 'page.js';

/** The folder of the page as `npm run build` made it. */
export function faceFolder(): string {
  const places = PLACES.map((place) => new URL(place, import.meta.url));
  const built = places.find((place) => fs.existsSync(new URL(BUILT, place)));
  return fileURLToPath(built ?? new URL(PLACES[0], import.meta.url));
}
