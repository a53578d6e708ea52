import { KINDS } from '../../../server/kinds.ts';
import { openMemoryStore } from '../../../server/store/memory.ts';
import { createPolicy } from '../../../server/verification/policy.ts';
import { EntitledRoom } from './entitled-room.ts';

export async function openEntitledRoom(): Promise<EntitledRoom> {
  const store = await openMemoryStore({
    kinds: KINDS,
    writer: 'test',
    auditKey: new Uint8Array(32),
  });
  return new EntitledRoom(store, createPolicy(), false);
}
