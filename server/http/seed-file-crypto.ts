import * as nodeCrypto from 'node:crypto';
import type { SeedFileCrypto } from '../../shared/seed-files/crypto.ts';
import { createSeedFileCrypto } from '../../shared/seed-files/node-crypto.ts';

export const seedFileCrypto: SeedFileCrypto = createSeedFileCrypto(nodeCrypto);
