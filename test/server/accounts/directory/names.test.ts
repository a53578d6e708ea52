import { expect } from 'chai';
import { soughtBy } from '../../../../server/accounts/directory/names.ts';

describe('names as they are typed', () => {
  const windows = {
    domain: 'CORP',
    principalSuffixes: ['corp.example', 'Example.com'],
    userFilter: '(sAMAccountName={user})',
    principalFilter: '(userPrincipalName={user})',
  };
  const unix = {
    domain: undefined,
    principalSuffixes: ['example.com'],
    userFilter: '(uid={user})',
    principalFilter: undefined,
  };
  const user = (filter: string, value: string) => ({ filter, value });

  it('are looked for by their form', () => {
    const { userFilter, principalFilter } = windows;
    expect(soughtBy('alice', windows)).to.deep.equal(user(userFilter, 'alice'));
    expect(soughtBy(' alice ', windows)).to.deep.equal(user(userFilter, 'alice'));
    expect(soughtBy('corp\\alice', windows)).to.deep.equal(user(userFilter, 'alice'));
    for (const name of ['alice@corp.example', 'alice@EXAMPLE.com', 'a@b@corp.example']) {
      expect(soughtBy(name, windows), name).to.deep.equal(user(principalFilter, name));
    }
    expect(soughtBy('alice@Example.Com', unix)).to.deep.equal(user('(uid={user})', 'alice'));
    const any = { ...unix, principalSuffixes: [] };
    expect(soughtBy('alice@b.example', any)).to.deep.equal(user('(uid={user})', 'alice@b.example'));
  });

  it('of other domains and suffixes are nobody’s, nor are those that are none', () => {
    const others = ['OTHER\\alice', 'corp.example\\alice', '\\alice', 'CORP\\', 'CORP\\a\\b'];
    const suffixes = ['alice@other.example', 'alice@', '@corp.example', 'alice@corp.example.evil'];
    for (const name of [...others, ...suffixes, 'CORP\\alice@corp.example', '', ' ', '\\']) {
      expect(soughtBy(name, windows), name).to.equal(undefined);
    }
    expect(soughtBy('CORP\\alice', unix)).to.equal(undefined);
    expect(soughtBy('a'.repeat(256), unix)?.value).to.have.lengthOf(256);
    expect(soughtBy('a'.repeat(257), unix)).to.equal(undefined);
  });
});
