import { createMemoryData, openMemoryStore } from '../../../server/store/memory.ts';
import { storeContract } from '../../contract/store.ts';

storeContract('memory store', async (options) => {
  const data = createMemoryData();
  let store = await openMemoryStore({ ...options, data });
  return {
    store,
    async reopen() {
      await store.close();
      store = await openMemoryStore({ ...options, data });
      return store;
    },
    destroy: () => store.close(),
  };
});
