import path from 'node:path';
import ts from 'typescript';

/**
 * Reads the sources as text and names every breach of the house's law (DESIGN sections 2 and 9).
 * The tree is handed in as path -> text, so that the checks can be tried on planted offenders.
 */

export interface Offence {
  readonly rule: Rule;
  readonly file: string;
  readonly what: string;
}

export type Rule =
  | 'importLaw'
  | 'cycle'
  | 'fileSize'
  | 'functionSize'
  | 'lineWidth'
  | 'clock'
  | 'randomness'
  | 'environment'
  | 'soleImporter'
  | 'purity'
  | 'forbiddenName'
  | 'topLevel';

export const FILE_LINES_MAX = 330;
export const FUNCTION_LINES_MAX = 70;
export const LINE_COLUMNS_MAX = 100;

/** Projects of their own, as users write them: they import the package, and what they like. */
const EXAMPLES = 'examples';
/** What may stand at the top level beside the files that a repository needs. */
const TOP_LEVEL = new Set(['firmware-spec', 'shared', 'emulator', 'server', 'test', EXAMPLES]);
const TOP_LEVEL_FILES = /^(esbuild|eslint)\.config\.js$/;

/** Rooms in the order of the import law: a room imports its own rank and lower ones. */
const SERVER_RANKS: readonly (readonly [RegExp, number])[] = [
  [/^server\/verification\//, 0],
  [/^server\/(store|audit|vault|access)\//, 1],
  [
    /^server\/(tokens|credentials|accounts|sessions|subscriptions|orders|proofing|phones|mobile-ids|helpdesk|applications|notices)\//,
    2,
  ],
  [/^server\/(http|radius|oidc|compat|portal|lab|backup)\//, 3],
  [
    /^server\/(config|edge-settings|business-settings|settings-file|data-directory|watched-clock|readiness|metrics)\b/,
    3,
  ],
  [/^server\/(compose|edges|business|housekeeping|kinds|services|maintenance)\.ts$/, 4],
  [/^server\/(main\.ts$|doctor\/)/, 5],
  [/^server\/cli\//, 6],
];

/** Where real clocks, random sources and the environment are made. */
const EDGES = /^(emulator\/(cli|story)\/|server\/(cli\/|main\.ts$|compose\.ts$)|examples\/|test\/)/;
const ENVIRONMENT_READERS =
  /^(server\/config\.ts|emulator\/cli\/system\.ts|emulator\/story\/|examples\/|test\/)/;
/** Rooms that run anywhere: no Node module in them. */
const PURE = /^(firmware-spec\/|shared\/|emulator\/device\/|server\/verification\/)/;
const SOLE_IMPORTERS: Readonly<Record<string, RegExp>> = {
  otplib: /^shared\/otp\.ts$/,
  '@otplib/hotp': /^shared\/otp\.ts$/,
  'hi-base32': /^shared\/base32\.ts$/,
};
const FORBIDDEN_NAMES = /(^|\/)(utils?|helpers?|common|misc)(\.ts|\/)|(^|\/)index\.ts$/;

interface Import {
  readonly from: string;
  /** A path of the tree, or a package's name. */
  readonly to: string;
  readonly ours: boolean;
}

export function inspect(tree: ReadonlyMap<string, string>): Offence[] {
  const offences: Offence[] = [];
  const graph = new Map<string, string[]>();
  for (const [file, text] of tree) {
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const imports = importsOf(source, file);
    const ours = imports.filter((item) => item.ours).map(({ to }) => to);
    graph.set(file, ours);
    offences.push(
      ...nameOffences(file),
      ...importOffences(imports),
      ...sizeOffences(source, file, text),
      ...ambientOffences(source, file),
    );
  }
  for (const cycle of cyclesOf(graph)) {
    offences.push({ rule: 'cycle', file: cycle[0] ?? '', what: cycle.join(' -> ') });
  }
  return offences;
}

function nameOffences(file: string): Offence[] {
  const offences: Offence[] = [];
  const top = file.split('/')[0] ?? '';
  if (!TOP_LEVEL.has(top) && !TOP_LEVEL_FILES.test(file)) {
    offences.push({ rule: 'topLevel', file, what: `${top} has no place at the top level` });
  }
  if (FORBIDDEN_NAMES.test(file)) {
    offences.push({ rule: 'forbiddenName', file, what: 'a name that says nothing, or a barrel' });
  }
  return offences;
}

function importsOf(source: ts.SourceFile, file: string): Import[] {
  const imports: Import[] = [];
  const add = (specifier: ts.Node | undefined) => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const ours = specifier.text.startsWith('.');
    const to = ours
      ? path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier.text))
      : packageOf(specifier.text);
    imports.push({ from: file, to, ours });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0]);
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return imports;
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function importOffences(imports: readonly Import[]): Offence[] {
  return imports.flatMap(({ from, to, ours }): Offence[] => {
    if (from.startsWith('test/')) return [];
    if (from.startsWith(`${EXAMPLES}/`)) return exampleOffences(from, to, ours);
    if (!ours) return packageOffences(from, to);
    return mayImport(from, to) ? [] : [{ rule: 'importLaw', file: from, what: `imports ${to}` }];
  });
}

/** An example is copied away from the tree, and must not look for anything beside itself. */
function exampleOffences(file: string, to: string, ours: boolean): Offence[] {
  const own = file.split('/').slice(0, 2).join('/');
  const leaves = ours && !to.startsWith(`${own}/`);
  return leaves ? [{ rule: 'importLaw', file, what: `imports ${to}` }] : [];
}

function packageOffences(file: string, name: string): Offence[] {
  const sole = SOLE_IMPORTERS[name];
  if (sole !== undefined && !sole.test(file)) {
    return [{ rule: 'soleImporter', file, what: `imports ${name}` }];
  }
  const nodeOnly = name.startsWith('node:');
  return nodeOnly && PURE.test(file) ? [{ rule: 'purity', file, what: `imports ${name}` }] : [];
}

function mayImport(from: string, to: string): boolean {
  const [home] = from.split('/');
  const [guest] = to.split('/');
  if (to.startsWith('test/')) return false;
  if (home === 'firmware-spec') return guest === 'firmware-spec';
  if (home === 'shared') return guest === 'shared' || guest === 'firmware-spec';
  if (home === 'emulator') {
    const comparesPolicies = from.startsWith('emulator/fleet/');
    if (comparesPolicies && to.startsWith('server/verification/')) return true;
    return guest === 'emulator' || guest === 'shared' || guest === 'firmware-spec';
  }
  if (home !== 'server') return true;
  if (guest === 'shared') return true;
  return guest === 'server' && serverRank(to) <= serverRank(from);
}

function serverRank(file: string): number {
  const row = SERVER_RANKS.find(([pattern]) => pattern.test(file));
  return row === undefined ? Number.NaN : row[1];
}

function sizeOffences(source: ts.SourceFile, file: string, text: string): Offence[] {
  const offences: Offence[] = [];
  const lines = text.split('\n');
  if (lines.length > FILE_LINES_MAX) {
    offences.push({ rule: 'fileSize', file, what: `${lines.length} lines` });
  }
  lines.forEach((line, index) => {
    // A line that is one long word (an address, a regular expression) cannot be folded.
    if (
      line.length > LINE_COLUMNS_MAX &&
      line.trim().includes(' ') &&
      !/^\s*\/.*\/[a-z]*,$/.test(line)
    ) {
      offences.push({ rule: 'lineWidth', file, what: `line ${index + 1}: ${line.length} columns` });
    }
  });
  if (file.endsWith('.test.ts')) return offences;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const first = source.getLineAndCharacterOfPosition(node.getStart()).line;
      const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
      const length = last - first + 1;
      if (length > FUNCTION_LINES_MAX) {
        offences.push({
          rule: 'functionSize',
          file,
          what: `${length} lines from line ${first + 1}`,
        });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return offences;
}

const CLOCKS = new Set(['Date.now', 'performance.now', 'process.hrtime', 'process.hrtime.bigint']);
const RANDOM_CALLS =
  /^(Math\.random|(\w+\.)*(randomBytes|randomUUID|randomInt|randomFillSync|getRandomValues))$/;

function ambientOffences(source: ts.SourceFile, file: string): Offence[] {
  const offences: Offence[] = [];
  const edge = EDGES.test(file);
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      const name = node.getText();
      if (!edge && CLOCKS.has(name)) offences.push({ rule: 'clock', file, what: name });
      if (name === 'process.env' && !ENVIRONMENT_READERS.test(file)) {
        offences.push({ rule: 'environment', file, what: name });
      }
    }
    if (!edge && ts.isNewExpression(node) && node.expression.getText() === 'Date') {
      if ((node.arguments ?? []).length === 0) {
        offences.push({ rule: 'clock', file, what: 'new Date()' });
      }
    }
    if (!edge && ts.isCallExpression(node)) {
      const name = node.expression.getText();
      if (name === 'Date') offences.push({ rule: 'clock', file, what: 'Date()' });
      if (RANDOM_CALLS.test(name)) offences.push({ rule: 'randomness', file, what: name });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return offences;
}

/** Each import cycle once, by depth-first search. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const walk = (file: string, trail: string[]): void => {
    const seen = trail.indexOf(file);
    if (seen >= 0) {
      cycles.push([...trail.slice(seen), file]);
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...trail, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return cycles;
}
