import { readFile } from 'node:fs/promises';

/** The blocks of a QUICKSTART.md, so that a test runs what stands there. */
export interface QuickStart {
  /** Clients of the RADIUS file under a heading that begins so. */
  clients(heading: string): readonly object[];
  /** The first block of another kind in which this stands, with texts put in place of others. */
  block(holding: string, changes: Readonly<Record<string, string>>): string;
}

const PLACE = new URL('../../../server/radius/QUICKSTART.md', import.meta.url);

/** @param place default server/radius/QUICKSTART.md */
export async function readQuickStart(place = PLACE): Promise<QuickStart> {
  const page = await readFile(place, 'utf8');
  const fenced = Array.from(page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm));
  const blocks = fenced.flatMap(([, kind, text = '']) => (kind === '' ? [text] : []));
  return {
    clients(heading) {
      const section = page.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';
      const [, json] = /^```json\n([\s\S]*?)^```$/m.exec(section) ?? [];
      if (json === undefined) throw new Error(`QUICKSTART.md has no RADIUS file under ${heading}`);
      const { clients } = JSON.parse(json) as { clients: readonly object[] };
      return clients;
    },
    block(holding, changes) {
      const found = blocks.find((text) => text.includes(holding));
      if (found === undefined) throw new Error(`QUICKSTART.md has no block with ${holding}`);
      return Object.entries(changes).reduce((text, [from, to]) => {
        if (!text.includes(from)) throw new Error(`the block with ${holding} lacks ${from}`);
        return text.replaceAll(from, to);
      }, found);
    },
  };
}
