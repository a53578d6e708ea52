import { expect } from 'chai';
import { shellBlocks, typeCommands } from './support/readme-commands.ts';

describe("a newcomer's hour", () => {
  it('leads from an empty home to TLS and a verified login', async function () {
    this.timeout(180_000);
    const { code, output, errors } = await typeCommands(await shellBlocks('Run it for real'));
    const transcript = `${output}\n${errors}`;
    expect(code, transcript).to.equal(0);
    const milestones = [
      '$ openssl req',
      '$ npx fobd init',
      'A data directory was made at',
      '$ npx fobd serve',
      'fobd listens on https://127.0.0.1:',
      '$ npx fobd seed-file import',
      '$ npx fobd account add robert',
      'FT00000077',
      '$ npx fobd application add',
      '$ curl -s --cacert tls.pem https://localhost:',
      '{"accepted":true,"outcome":"accepted","serial":"FT00000077","strength":"mobileId"}',
      '$ npx fobd doctor',
      'Nothing is wrong.',
    ];
    let reached = 0;
    for (const milestone of milestones.slice(0, -1)) {
      const at = output.indexOf(milestone, reached);
      expect(at, `${milestone} in\n${transcript}`).to.be.at.least(0);
      reached = at;
    }
    // What the doctor says of the machine is the machine's affair; here: no failure.
    expect(output.slice(reached)).not.to.match(/^FAIL/m);
    expect(output.slice(reached)).to.match(/Nothing is wrong\.|need attention\./);
    expect(output.slice(reached)).to.contain('is good for 89 days more');
  });
});
