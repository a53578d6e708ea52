import { addPhone } from './add.ts';
import { refusalToChange } from './changing.ts';
import { type PhonesParts, readPhones } from './deciding.ts';
import type { PhoneService } from './port.ts';
import { removePhone } from './remove.ts';
import { readRights } from './rights.ts';
import { isUsable, sendCode } from './send.ts';
import { verifyPhone } from './verify.ts';
import { isUncounted } from './vouched.ts';

export function createPhoneService(parts: PhonesParts): PhoneService {
  return {
    list: async (account) => (await readPhones(account, parts)).phones,
    async usable(account, now) {
      const { phones } = await readPhones(account, parts);
      if (phones.length === 0) return [];
      const rights = await readRights(account, now, parts);
      return phones.filter((phone) => isUsable(phone, rights));
    },
    async uncounted(account, now) {
      const { phones } = await readPhones(account, parts);
      if (phones.length === 0) return [];
      const rights = await readRights(account, now, parts);
      return phones.filter((phone) => isUncounted(phone, rights)).map(({ id }) => id);
    },
    async mayChange(account, caller) {
      const record = await readPhones(account, parts);
      const rights = await readRights(account, caller.now, parts);
      return refusalToChange(account, record, rights, caller) === undefined;
    },
    add: (phone, caller) => addPhone(phone, caller, parts),
    verify: (command, caller) => verifyPhone(command, caller, parts),
    send: (command, caller) => sendCode(command, caller, parts),
    remove: (command, caller) => removePhone(command, caller, parts),
  };
}
