import path from 'node:path';
import { expect } from 'chai';
import { fobd } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';

describe('fobd access-review', function () {
  this.timeout(40_000);

  it('says who holds what, who gave it and who took it', async () => {
    const { place, remove } = await temporaryDirectory();
    const data = path.join(place, 'data');
    const run = async (...args: readonly string[]) => {
      const ran = await fobd([...args, '--data', data]);
      expect(ran.code, ran.stderr).to.equal(0);
      return ran.stdout;
    };
    await run('init');
    const added = await run(
      'application',
      'add',
      '=cmd|"VPN", main',
      '--scope',
      'verify',
      '--json',
    );
    const { id } = JSON.parse(added) as { id: string };
    await run('application', 'revoke', id);
    const { keys } = JSON.parse(await run('access-review', '--json')) as {
      keys: Record<string, string>[];
    };
    const administrator = keys.find(({ name }) => name === 'administrator');
    const vpn = keys.find(({ application }) => application === id);
    expect(administrator).to.include({ state: 'live', createdBy: 'localOwner', revokedBy: '' });
    expect(administrator?.['scopes']).to.contain('applications:admin');
    expect(vpn).to.include({
      application: id,
      scopes: 'verify',
      createdBy: 'localOwner',
      revokedBy: 'localOwner',
    });
    expect(vpn?.['revokedAt']).to.match(/^\d{4}-/);

    const [head, ...rows] = (await run('access-review')).trimEnd().split('\r\n');
    expect(head).to.match(/^application,name,roles,scopes,allow,key,state,createdAt,createdBy/);
    expect(rows).to.have.length(2);

    expect(rows.join('\n')).to.contain(`"'=cmd|""VPN"", main"`);
    await run('account', 'add', 'henry', '--role', 'helpdesk', '--role', 'auditor');
    await run('account', 'add', 'jennifer', '--role', 'organisationAdmin');
    const { staff } = JSON.parse(await run('access-review', '--json')) as {
      staff: Record<string, string>[];
    };
    expect(staff.map(({ account }) => account)).to.deep.equal(['henry']);
    expect(staff[0]).to.include({
      roles: 'helpdesk auditor',
      state: 'live',
      strength: 'password',
    });
    expect(staff[0]?.['scopes']?.split(' ')).to.include.members(['tokens:unlock', 'audit:read']);
    await run('account', 'disable', 'henry');
    const [columns, ...all] = (await run('access-review')).trimEnd().split('\r\n');
    expect(columns).to.match(/,account,strength$/);
    expect(all.at(-1)).to.match(/,disabled,.*,henry,password$/);
    await remove();
  });
});
