import {
  CLEARING_MEANINGS,
  FAULT_CATALOGUE,
  type FaultAttribute,
  OCCASION_MEANINGS,
} from '../../firmware-spec/faults.ts';
import { meanings, table } from './markdown-table.ts';

/** The tables of the section on faults, by their names. */
export const FAULT_TABLES: Readonly<Record<string, () => string>> = {
  faults: () =>
    table(
      ['fault', 'what the person sees', 'what a server will see'],
      faults().map(([name, { person, server }]) => [`\`${name}\``, person, server]),
    ),
  'fault-attributes': () =>
    table(
      ['fault', 'attribute', 'meaning', 'values', 'default'],
      faults().flatMap(([name, { attributes }]) =>
        Object.entries(attributes).map(([attribute, definition]) => [
          `\`${name}\``,
          `\`${attribute}\``,
          definition.describe,
          valuesOf(definition),
          String(definition.default),
        ]),
      ),
    ),
  'fault-kinds': () =>
    table(
      ['fault', 'occasion', 'clearing'],
      faults().map(([name, { occasion, clearing }]) => [`\`${name}\``, occasion, clearing]),
    ),
  occasions: () => meanings('occasion', OCCASION_MEANINGS),
  clearings: () => meanings('clearing', CLEARING_MEANINGS),
};

const faults = () => Object.entries(FAULT_CATALOGUE);

function valuesOf(attribute: FaultAttribute): string {
  if (attribute.type === 'choice') return attribute.choices.join(', ');
  const { type, min, max, unit } = attribute;
  return `${type} ${min} to ${max} ${unit}`.trim();
}
