import { type FieldErrorCode, type FobtwinError, invalidInput } from '../../shared/errors.ts';
import type { Device } from '../device/types.ts';
import { formatDevice, parseDevice } from '../drawer/device-file.ts';

/**
 * A token as text: what the drawer seals into a device's file, here in the clear. Members are in
 * the order of their names, so that two tokens alike are the same text, whatever their ways.
 */
export function formatSaved(device: Device): string {
  return JSON.stringify(JSON.parse(formatDevice({ device, labels: {} })), inOrder);
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Longest text that is looked at; a token's is about 2,000 characters. */
const SAVED_CHARACTERS_MAX = 64 * 1024;

/** @throws FobtwinError `invalidInput`; its field is a JSON Pointer into the text */
export function readSaved(text: string): Device {
  if (typeof text !== 'string') throw damaged('', 'wrongType');
  if (text.length > SAVED_CHARACTERS_MAX) throw damaged('', 'tooLong');
  return parseDevice(text, damaged).device;
}

function damaged(pointer: string, code: FieldErrorCode): FobtwinError {
  const where = pointer === '' ? 'as a whole' : `at ${pointer}`;
  return invalidInput(pointer, code, `This is not a saved token: it is damaged ${where}`, {
    nextStep: 'Give the text that `save` returned, whole.',
  });
}
