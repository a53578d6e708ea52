import { OPERATIONS, type Operation, type OperationId } from '../../../shared/wire/operations.ts';
import type { Sent } from './served.ts';

/** One request for each operation, made from its row: well formed, about nothing that exists. */

export const OPERATION_IDS = Object.keys(OPERATIONS) as OperationId[];

/** What stands in the place of a path's parameter; ids of applications are hexadecimal. */
export const PARAMETERS: Readonly<Record<string, string>> = {
  serial: 'NOSUCH',
  id: '0'.repeat(16),
  order: 'SO-99999',
  subscription: 'SO-99999-1-1',
  credential: 'SO-99999-1-1.phoneOtp',
  phone: '0'.repeat(16),
};

export function requestFor(id: OperationId, parameters = PARAMETERS): Sent {
  const { method, path, body, streamed }: Operation = OPERATIONS[id];
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new Error(`${id}: what is ${name}?`);
    return value;
  });
  if (streamed?.[0] !== undefined) {
    return { method, path: filled, headers: { 'content-type': streamed[0] }, body: 'x' };
  }
  return { method, path: filled, ...(body === undefined ? {} : { body: {} }) };
}
