import {
  FAULT_CATALOGUE,
  type FaultAttribute,
  type FaultDefinition,
} from '../../../firmware-spec/faults.ts';
import { FAULT_NAMES, type FaultName } from '../../../firmware-spec/vocabulary.ts';
import { type FobtwinError, invalidInput } from '../../../shared/errors.ts';
import type { Fault } from '../types.ts';

/** The catalogue of faults, and what may be asked of it (FS-80, FS-81). */

export const FAULTS: Readonly<Record<FaultName, FaultDefinition>> = FAULT_CATALOGUE;

export type AttributeValue = Fault['attributes'][string];

/** @throws FobtwinError `invalidInput` for `name` when there is no such fault */
export function parseFaultName(text: string): FaultName {
  const name = FAULT_NAMES.find((known) => known === text);
  if (name !== undefined) return name;
  throw invalidInput('name', 'notAllowed', `There is no fault "${brief(text)}"`, {
    nextStep: `Choose one of: ${FAULT_NAMES.join(', ')}.`,
  });
}

/**
 * All attributes of a fault, each with the value given or its default.
 *
 * @param given by name; nothing is converted, so a number must be one
 * @throws FobtwinError `invalidInput` for `attributes/NAME`, naming the bound; for `attributes`
 *   that are none
 */
export function attributesOf(
  name: FaultName,
  given: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, AttributeValue>> {
  const declared = FAULTS[name].attributes;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalidInput('attributes', 'wrongType', 'attributes are an object of values by name');
  }
  for (const attribute of Object.keys(given)) {
    if (!Object.hasOwn(declared, attribute)) throw unknownAttribute(name, attribute);
  }
  return Object.fromEntries(
    Object.entries(declared).map(([attribute, definition]) => {
      const value = Object.hasOwn(given, attribute) ? given[attribute] : undefined;
      return [
        attribute,
        value === undefined ? definition.default : checked(attribute, value, name),
      ];
    }),
  );
}

/** What values an attribute takes, in words: `a whole number from 1 to 12`. */
export function boundsOf(attribute: FaultAttribute): string {
  if (attribute.type === 'choice') return `one of ${attribute.choices.join(', ')}`;
  const { type, min, max, unit } = attribute;
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  return `${kind} from ${min} to ${max}${unit === '' ? '' : ` ${unit}`}`;
}

function checked(attribute: string, value: unknown, name: FaultName): AttributeValue {
  const definition = FAULTS[name].attributes[attribute];
  if (definition === undefined) throw unknownAttribute(name, attribute);
  const refuse = (code: 'wrongType' | 'notAllowed' | 'tooSmall' | 'tooLarge') =>
    invalidInput(
      `attributes/${attribute}`,
      code,
      `${attribute} of ${name} is ${boundsOf(definition)}`,
    );
  if (definition.type === 'choice') {
    if (typeof value !== 'string') throw refuse('wrongType');
    if (!definition.choices.includes(value)) throw refuse('notAllowed');
    return value;
  }
  if (typeof value !== 'number' || Number.isNaN(value)) throw refuse('wrongType');
  if (value < definition.min) throw refuse('tooSmall');
  if (value > definition.max) throw refuse('tooLarge');
  if (definition.type === 'integer' && !Number.isInteger(value)) throw refuse('wrongType');
  return value;
}

function unknownAttribute(name: FaultName, attribute: string): FobtwinError {
  const known = Object.keys(FAULTS[name].attributes);
  const nextStep = known.length === 0 ? `${name} has none.` : `${name} has: ${known.join(', ')}.`;
  const message = `${name} has no attribute "${brief(attribute)}"`;
  return invalidInput(`attributes/${brief(attribute)}`, 'unknownField', message, { nextStep });
}

const BRIEF_CHARACTERS = 40;

/** What somebody wrote, short enough to be quoted, without signs that would move a cursor. */
function brief(text: string): string {
  const plain = text.slice(0, BRIEF_CHARACTERS).replace(/\p{C}/gu, '?');
  return text.length > BRIEF_CHARACTERS ? `${plain}…` : plain;
}
