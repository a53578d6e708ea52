import {
  Composer,
  type CST,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Parser,
  type Document as YamlDocument,
} from 'yaml';
import type { Place, Refusal } from './refusal.ts';
import { quoted } from './refusal.ts';

/** A file of YAML 1.2 as plain values, with the place of each: the part of YAML that we take. */
export interface SourceDocument {
  readonly value: unknown;
  /** Where the value at a path stands; for what is missing, where it should. */
  placeOf(path: readonly PropertyKey[]): Place;
  /** Where the key at the end of a path stands. */
  placeOfKey(path: readonly PropertyKey[]): Place;
  /** A plain (unquoted) scalar as it is written: `0755`. Undefined for anything else. */
  plainTextAt(path: readonly PropertyKey[]): string | undefined;
}

export type ReadDocument =
  | { readonly document: SourceDocument }
  | { readonly refusals: readonly Refusal[] };

/** A file beyond any of these is refused whole. */
export const DOCUMENT_LIMITS = {
  /** In bytes of UTF-8. */
  bytes: 256 * 1024,
  /** Deepest nesting of lists and maps. */
  depth: 12,
  refusals: 20,
} as const;

const START: Place = { line: 1, column: 1 };
const EMPTY: Refusal = { ...START, message: 'The file is empty' };

/**
 * Parses a whole file. Anchors, aliases, tags, merge keys, directives and further documents are
 * refused, and before anything is built from them: no file grows beyond its own size.
 */
export function readDocument(text: string): ReadDocument {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > DOCUMENT_LIMITS.bytes) return { refusals: [TOO_LARGE] };
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const notTaken = refuseTokens(tokens, placeAt);
  if (notTaken.length > 0) return { refusals: notTaken };
  const composer = new Composer({ version: '1.2', schema: 'core', strict: true });
  const [yaml, second] = [...composer.compose(tokens, true, text.length)];
  if (yaml === undefined) return { refusals: [EMPTY] };
  if (second !== undefined) {
    return {
      refusals: [{ ...placeAt(second.range[0]), message: 'A file holds one scenario only' }],
    };
  }
  if (yaml.errors.length > 0) {
    return { refusals: yaml.errors.map(({ code, message, pos }) => refusalOf(code, message, pos)) };
  }
  if (yaml.contents === null) return { refusals: [EMPTY] };
  return { document: createSource(yaml.contents, yaml, placeAt) };

  function refusalOf(code: string, message: string, pos: readonly [number, number]): Refusal {
    const place = placeAt(pos[0]);
    if (code !== 'DUPLICATE_KEY') {
      const inText = code === 'BLOCK_AS_IMPLICIT_KEY';
      const nextStep = 'Put quotes around a text with a colon in it: "wrongCode({steps: 20})".';
      return { ...place, message: `Not YAML: ${message}`, ...(inText ? { nextStep } : {}) };
    }
    const key = /^[^:\r\n]*/.exec(text.slice(pos[0]))?.[0] ?? '';
    return {
      ...place,
      message: `The key ${quoted(key.trim())} is given twice`,
      nextStep: 'A list takes one step an entry, each behind a hyphen of its own.',
    };
  }
}

const TOO_LARGE: Refusal = {
  ...START,
  message: `A scenario has at most ${DOCUMENT_LIMITS.bytes} bytes; this one is longer`,
  nextStep: 'Divide it into several files.',
};

const NOT_TAKEN: Readonly<Record<string, string>> = {
  anchor: 'Anchors (&) are not taken',
  alias: 'Aliases (*) are not taken',
  tag: 'Tags (!) are not taken',
  directive: 'Directives (%) are not taken',
  'explicit-key-ind': 'Keys after a question mark are not taken',
};
const WRITE_OUT = 'Write it out, or put quotes around the text.';

interface Nested {
  readonly token: CST.Token | CST.SourceToken;
  readonly depth: number;
}

/** Walks the parsed tokens with a stack of its own, so that no nesting is too deep for it. */
function refuseTokens(
  tokens: readonly CST.Token[],
  placeAt: (offset: number) => Place,
): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const stack: Nested[] = tokens.map((token) => ({ token, depth: 0 })).reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { token, depth } = next;
    const message = NOT_TAKEN[token.type] ?? mergeKey(token) ?? keyOfKeys(token);
    if (message !== undefined) {
      refusals.push({ ...placeAt(token.offset), message, nextStep: WRITE_OUT });
    } else if (depth > DOCUMENT_LIMITS.depth) {
      const deep = `Lists and maps nest at most ${DOCUMENT_LIMITS.depth} deep`;
      return [...refusals, { ...placeAt(token.offset), message: deep }];
    }
    if (refusals.length >= DOCUMENT_LIMITS.refusals) return refusals;
    stack.push(...childrenOf(token, depth).reverse());
  }
  return refusals;
}

function mergeKey(token: Nested['token']): string | undefined {
  const isMerge = token.type === 'scalar' && token.source === '<<';
  return isMerge ? 'Merge keys (<<) are not taken' : undefined;
}

/** A list or a map as a key. */
function keyOfKeys(token: Nested['token']): string | undefined {
  const isKey = 'items' in token && token.items.some(({ key }) => key != null && 'items' in key);
  return isKey ? 'A list or a map is no key' : undefined;
}

function childrenOf(token: Nested['token'], depth: number): Nested[] {
  if (token.type === 'document') {
    const children = [...token.start, ...(token.value === undefined ? [] : [token.value])];
    return children.map((child) => ({ token: child, depth }));
  }
  if (!('items' in token)) return [];
  return token.items.flatMap(({ start, key, sep, value }) => {
    const below = [...start, key, ...(sep ?? []), value];
    return below.flatMap((child) =>
      child === undefined || child === null ? [] : [{ token: child, depth: depth + 1 }],
    );
  });
}

function createSource(
  root: Node,
  yaml: YamlDocument,
  placeAt: (offset: number) => Place,
): SourceDocument {
  const startOf = (node: Node | null | undefined): Place =>
    node?.range == null ? START : placeAt(node.range[0]);
  return {
    value: root.toJS(yaml),
    placeOf: (path) => startOf(nodeAt(root, path).node),
    placeOfKey: (path) => {
      const { key, node } = nodeAt(root, path);
      return startOf(key ?? node);
    },
    plainTextAt(path) {
      const { node, whole } = nodeAt(root, path);
      if (!whole || !isScalar(node) || node.type !== 'PLAIN') return undefined;
      return node.source;
    },
  };
}

interface Found {
  /** The deepest node that is there on the way. */
  readonly node: Node | null;
  /** The key under which it stands, where it stands in a map. */
  readonly key?: Node;
  /** The way was gone to its end. */
  readonly whole: boolean;
}

function nodeAt(root: Node | null, path: readonly PropertyKey[]): Found {
  let found: Found = { node: root, whole: true };
  for (const part of path) {
    const next = childAt(found.node, part);
    if (next === undefined) return { ...found, whole: false };
    found = { ...next, whole: true };
  }
  return found;
}

function childAt(node: Node | null, part: PropertyKey): Omit<Found, 'whole'> | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(part)] as Node | undefined;
    return item === undefined ? undefined : { node: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
  if (pair === undefined) return undefined;
  const key = pair.key as Node;
  return { node: (pair.value as Node | null) ?? key, key };
}
