import { formatTime } from '../../../shared/time.ts';
import type { DataKeyDetail, KeyService, RotationProgress } from '../../vault/key-service.ts';
import type { Handlers } from './handler.ts';

export function keyHandlers({
  keys,
}: {
  readonly keys: KeyService;
}): Handlers<'listKeys' | 'getKeyRotation' | 'rotateKeys' | 'rewrapKeys'> {
  return {
    async listKeys() {
      const { masterKey, dataKeys } = await keys.list();
      return { masterKey, dataKeys: dataKeys.map(viewDataKey) };
    },
    async getKeyRotation() {
      const rotation = await keys.rotation();
      return { rotation: rotation === undefined ? null : viewRotation(rotation) };
    },
    async rotateKeys({ caller }) {
      return { rotation: viewRotation(await keys.rotate(caller)) };
    },
    async rewrapKeys({ body: { masterKey }, caller }) {
      return keys.rewrap(new Uint8Array(Buffer.from(masterKey, 'hex')), caller);
    },
  };
}

const viewDataKey = ({ createdAt, ...key }: DataKeyDetail) => ({
  ...key,
  ...(createdAt === undefined ? {} : { createdAt: formatTime(createdAt) }),
});

const viewRotation = ({ startedAt, finishedAt, ...progress }: RotationProgress) => ({
  ...progress,
  startedAt: formatTime(startedAt),
  ...(finishedAt === undefined ? {} : { finishedAt: formatTime(finishedAt) }),
});
