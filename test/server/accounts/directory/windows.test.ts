import { expect } from 'chai';
import { BusyError, InvalidCredentialsError, UnwillingToPerformError } from 'ldapts';
import { verdictOf } from '../../../../server/accounts/directory/bind.ts';
import { idText, readEntry } from '../../../../server/accounts/directory/entry.ts';
import {
  createDirectoryOptions,
  DIRECTORY_FORM,
} from '../../../../server/accounts/directory/options.ts';

/** As Windows Server words it; only what follows `data` tells one from another. */
const said = (data: string) =>
  new InvalidCredentialsError(
    `80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data ${data}, v3839\0`,
  );

describe('what Active Directory says', () => {
  it('of a bind, is about the person by the Windows error behind `data`', () => {
    for (const [data, reason] of [
      ['530', 'restricted'],
      ['531', 'restricted'],
      ['532', 'passwordExpired'],
      ['533', 'disabled'],
      ['701', 'expired'],
      ['773', 'passwordExpired'],
    ] as const) {
      const expected = { verdict: 'disabled', reason };
      expect(verdictOf(said(data), 'activeDirectory'), data).to.deep.equal(expected);
    }
    const locked = { verdict: 'wrongPassword', reason: 'locked' };
    expect(verdictOf(said('775'), 'activeDirectory')).to.deep.equal(locked);
    for (const data of ['52e', '525', '0', '5330', '']) {
      const expected = { verdict: 'wrongPassword' };
      expect(verdictOf(said(data), 'activeDirectory'), data).to.deep.equal(expected);
    }
  });

  it('means nothing where another directory says it', () => {
    expect(verdictOf(said('533'), 'ldap')).to.deep.equal({ verdict: 'wrongPassword' });
    const inactive = new UnwillingToPerformError('Account inactivated, data 533,');
    expect(verdictOf(inactive, 'activeDirectory')).to.deep.equal({ verdict: 'wrongPassword' });
  });

  it('is nothing about the person where it is busy, or says nothing', () => {
    expect(verdictOf(new BusyError('data 533'), 'activeDirectory')).to.equal(undefined);
    expect(verdictOf(new Error('data 533'), 'activeDirectory')).to.equal(undefined);
  });

  const options = createDirectoryOptions(
    DIRECTORY_FORM.schema.parse({
      kind: 'activeDirectory',
      urls: ['ldaps://dc1.corp.example'],
      baseDn: 'DC=corp,DC=example',
    }),
    '/',
  );
  /** 2026-01-01T00:00:00Z, and the same as a Windows file time. */
  const NOW = Date.UTC(2026, 0, 1);
  const FILE_TIME_NOW = 134_116_992_000_000_000n;
  const GUID = Buffer.from('33221100554477668899aabbccddeeff', 'hex');
  const entry = (attributes: Readonly<Record<string, string | string[] | Buffer>>) =>
    readEntry(
      { dn: 'CN=a', objectGUID: GUID, sAMAccountName: 'alice', ...attributes },
      options,
      NOW,
    );

  it('of an entry, disables it or not', () => {
    const standing = (attributes: Readonly<Record<string, string>>) => {
      const read = entry(attributes);
      return read?.disabled ? read.reason : 'good';
    };
    for (const [attributes, expected] of [
      [{}, 'good'],
      [{ userAccountControl: '512' }, 'good'],
      [{ userAccountControl: '66048' }, 'good'],
      [{ userAccountControl: '514' }, 'disabled'],
      [{ useraccountcontrol: '66050' }, 'disabled'],
      [{ accountExpires: '0' }, 'good'],
      [{ accountExpires: '9223372036854775807' }, 'good'],
      [{ accountExpires: String(FILE_TIME_NOW) }, 'expired'],
      [{ accountExpires: String(FILE_TIME_NOW + 10_000n) }, 'good'],
      [{ 'msDS-User-Account-Control-Computed': '0', lockoutTime: '1' }, 'good'],
      [{ 'msDS-User-Account-Control-Computed': '16' }, 'locked'],
      [{ 'msDS-User-Account-Control-Computed': '8388608' }, 'passwordExpired'],
      [{ lockoutTime: '0' }, 'good'],
      [{ lockoutTime: String(FILE_TIME_NOW) }, 'locked'],
      [{ userAccountControl: 'no number' }, 'good'],
    ] as const) {
      expect(standing(attributes), JSON.stringify(attributes)).to.equal(expected);
    }
  });

  it('of an entry, is read as text of a bounded length, or left out', () => {
    expect(idText(GUID)).to.equal('00112233-4455-6677-8899-aabbccddeeff');
    expect(idText(Buffer.from('00ff', 'hex'))).to.equal('00ff');
    expect(idText(Buffer.alloc(0))).to.equal(undefined);
    expect(idText('')).to.equal(undefined);
    const read = entry({
      c: 'Switzerland',
      mail: ['first@example.com', 'b'],
      company: 'x'.repeat(257),
    });
    expect(read).to.deep.equal({
      id: '00112233-4455-6677-8899-aabbccddeeff',
      userName: 'alice',
      email: 'first@example.com',
      disabled: false,
    });
    expect(entry({ sAMAccountName: [] })).to.equal(undefined);
  });
});
