import fc from 'fast-check';
import { beginnings, commandArbitraries } from '../model/arbitraries.ts';
import { ACCOUNTS, registrations } from '../model/commands.ts';
import { PureServer } from '../model/pure-server.ts';
import { ServiceServer } from '../model/service-server.ts';
import { naiveServer, settings } from '../model/world.ts';
import { check, type FuzzTarget } from './fuzz.ts';

/** The model's properties (`test/model`), for as long as one likes. */

const drawn = () =>
  fc.record({
    setting: settings,
    registered: beginnings,
    commands: fc.commands(commandArbitraries(), { maxCommands: 60, size: 'max' }),
  });

export const fuzzVerification: FuzzTarget = {
  name: 'verification',
  run: (options) =>
    check(
      drawn(),
      async ({ setting, registered, commands }) => {
        const model = naiveServer(setting);
        const real = new PureServer(setting, ACCOUNTS);
        for (const command of registered ? registrations() : []) await command.run(model, real);
        await fc.asyncModelRun(() => ({ model, real }), commands);
      },
      options,
    ),
};

export const fuzzServices: FuzzTarget = {
  name: 'services',
  run: (options) =>
    check(
      drawn(),
      async ({ setting, registered, commands }) => {
        const model = naiveServer(setting);
        const real = await ServiceServer.open(setting, ACCOUNTS);
        let sound = false;
        try {
          for (const command of registered ? registrations() : []) await command.run(model, real);
          await fc.asyncModelRun(() => ({ model, real }), commands);
        } finally {
          sound = await real.close();
        }
        if (!sound) throw new Error('the audit log is not sound');
      },
      options,
    ),
};
