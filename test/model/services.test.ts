import { expect } from 'chai';
import fc from 'fast-check';
import { announce, modelRuns } from '../support/model-runs.ts';
import { beginnings, commandArbitraries } from './arbitraries.ts';
import { ACCOUNTS, registrations } from './commands.ts';
import { ServiceServer } from './service-server.ts';
import { expectAllMet, type Witness, witnessed } from './witness.ts';
import { naiveServer, settings } from './world.ts';

describe('model: the services over the memory store against the naive model', function () {
  this.timeout(0);
  const runs = modelRuns(2000);

  it(`agree in ${runs.numRuns} runs, in every answer and every record`, async () => {
    announce('model of services', runs);
    const witness: Witness = new Map();
    const commands = fc.commands(commandArbitraries(), { maxCommands: 60, size: 'max' });
    await fc.assert(
      fc.asyncProperty(settings, beginnings, commands, async (setting, registered, drawn) => {
        const model = naiveServer(setting);
        const server = await ServiceServer.open(setting, ACCOUNTS);
        const driven = witnessed(server, witness);
        try {
          for (const command of registered ? registrations() : []) await command.run(model, driven);
          await fc.asyncModelRun(() => ({ model, real: driven }), drawn);
        } finally {
          const sound = await server.close();
          expect(sound, 'the audit log').to.equal(true);
        }
      }),
      runs,
    );
    if (runs.numRuns >= 500) expectAllMet(witness);
  });
});
