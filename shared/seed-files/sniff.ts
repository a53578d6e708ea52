import type { SeedFileFormat } from './entry.ts';

/** So much of a file's beginning is enough for `sniffFormat`, comments and all. */
export const SNIFFED_CHARACTERS = 4096;

/** What may stand before the first element: XML 1.0 section 2.8, without a DTD. */
const PROLOGUE = /^(?:\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?-->)*/;
const ROOT = /^<(?:[^\s<>/:]+:)?([^\s<>/:]+)/;

/** Whether so much of a file's beginning decides what it is. */
export function canSniff(firstText: string): boolean {
  if (firstText.length >= SNIFFED_CHARACTERS) return true;
  const text = firstText.replace(/^\uFEFF/, '').trimStart();
  if (!text.startsWith('<')) return text !== '';
  return /^<[^\s<>!?][^\s<>]*[\s>]/.test(text.replace(PROLOGUE, ''));
}

/**
 * What a file is, by how it begins: XML is told apart by its first element. XML of neither kind is
 * said to be PSKC, whose parser then says why it is not.
 */
export function sniffFormat(firstText: string): SeedFileFormat {
  const text = firstText.slice(0, SNIFFED_CHARACTERS).replace(/^\uFEFF/, '');
  if (!text.trimStart().startsWith('<')) return 'csv';
  const [, root] = ROOT.exec(text.replace(PROLOGUE, '')) ?? [];
  return root === 'Tokens' ? 'safenet' : 'pskc';
}
