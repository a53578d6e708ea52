import { placeName } from './pskc-elements.ts';
import { type Place, refusal } from './values.ts';

/** One element that was kept, as it stands in the file. */
export interface ElementText {
  readonly line: number;
  readonly attributes: ReadonlyMap<string, string>;
  text: string;
}

/** A KeyPackage, or what stands before all of them: the elements that were kept, by their path. */
export interface ElementsText {
  /** `KeyPackage 3`; `undefined` before the first. */
  readonly name: string | undefined;
  readonly line: number;
  readonly elements: Map<string, ElementText[]>;
}

export interface PlacedText {
  readonly text: string;
  readonly place: Place;
}

export function first(texts: ElementsText, path: string): ElementText | undefined {
  return texts.elements.get(path)?.[0];
}

export function placeOf(texts: ElementsText, path: string, name = placeName(path)): Place {
  const line = first(texts, path)?.line ?? texts.line;
  return { field: texts.name === undefined ? name : `${texts.name}/${name}`, line };
}

/** The element's text without white space around; `undefined` when nothing is left. */
export function findText(texts: ElementsText, path: string): string | undefined {
  const text = first(texts, path)?.text.trim() ?? '';
  return text === '' ? undefined : text;
}

export function requireText(texts: ElementsText, path: string): PlacedText {
  const text = findText(texts, path);
  const place = placeOf(texts, path);
  if (text === undefined) throw refusal(place, 'required', `there is no ${placeName(path)}`);
  return { text, place };
}

export function findAttribute(texts: ElementsText, path: string, name: string): string | undefined {
  const text = first(texts, path)?.attributes.get(name)?.trim() ?? '';
  return text === '' ? undefined : text;
}

export function requireAttribute(texts: ElementsText, path: string, name: string): PlacedText {
  const text = findAttribute(texts, path, name);
  const place = placeOf(texts, path, path === 'Key' ? name : placeName(path));
  if (text === undefined) throw refusal(place, 'required', `${placeName(path)} has no ${name}`);
  return { text, place };
}
