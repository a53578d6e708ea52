import fs from 'node:fs';

/** How far above this file the package's own description may stand: sources, bundle, its chunks. */
const PLACES = ['../package.json', '../../package.json'] as const;

/** The version of the package that this file is a part of. */
export function version(): string {
  for (const place of PLACES) {
    const found = versionIn(new URL(place, import.meta.url));
    if (found !== undefined) return found;
  }
  return 'unknown';
}

function versionIn(file: URL): string | undefined {
  if (!fs.existsSync(file)) return undefined;
  const description: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (typeof description !== 'object' || description === null) return undefined;
  const { name, version: found } = description as { name?: unknown; version?: unknown };
  return name === 'fobtwin' && typeof found === 'string' ? found : undefined;
}
