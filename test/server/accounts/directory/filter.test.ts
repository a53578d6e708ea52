import { expect } from 'chai';
import fc from 'fast-check';
import { EqualityFilter, FilterParser } from 'ldapts';
import {
  filterFor,
  isGroupFilter,
  isUserFilter,
} from '../../../../server/accounts/directory/filter.ts';
import { openDirectory } from '../../../../server/accounts/directory/ldap.ts';
import type { Directory } from '../../../../server/accounts/directory/port.ts';
import { PASSWORD, type People, peopleOrSkip } from './people.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc
    .array(
      fc.constantFrom('*', '(', ')', '\\', '\0', '&', '|', '!', '=', '2a', 'a', '$&', '{user}'),
      {
        minLength: 1,
        maxLength: 12,
      },
    )
    .map((parts) => parts.join('')),
);

describe('names in filters', () => {
  it('are values, whatever they hold', () => {
    const property = fc.property(hostile, (value) => {
      const filter = FilterParser.parseString(
        filterFor({ filter: '(uid={user})', value }, undefined),
      );
      expect(filter).to.be.instanceOf(EqualityFilter);
      expect(filter).to.deep.include({ attribute: 'uid', value });
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it('stand in every place that is named, beside what the group asks for', () => {
    const filter = '(|(uid={user})(mail={user}@example.com))';
    expect(filterFor({ filter, value: 'a*' }, '(memberOf=cn=vpn)')).to.equal(
      '(&(|(uid=a\\2a)(mail=a\\2a@example.com))(memberOf=cn=vpn))',
    );
  });

  it('are only allowed as whole values', () => {
    for (const good of ['(uid={user})', '(|(uid={user})(mail={user}@{user}))', '(a:1.2:={user})']) {
      expect(isUserFilter(good), good).to.equal(true);
    }
    const bad = [
      'uid={user}',
      '(uid=*)',
      '({user}=a)',
      '(uid={user}*)',
      '(uid=*{user})',
      '(&(uid={user})',
    ];
    for (const filter of [...bad, '{user}', '(uid={user}))', '(|({user}))']) {
      expect(isUserFilter(filter), filter).to.equal(false);
    }
    expect(isGroupFilter('(memberOf=cn=vpn,dc=example)')).to.equal(true);
    for (const filter of ['memberOf=a', '(memberOf={user})', '(&(a=b)', '']) {
      expect(isGroupFilter(filter), filter).to.equal(false);
    }
  });

  describe('at a directory', () => {
    let people: People;
    let directory: Directory;
    before(async function () {
      people = await peopleOrSkip(this);
      directory = openDirectory(people.unix(), { now: () => Date.now() });
    });
    after(async () => {
      await directory?.close();
      await people?.remove();
    });

    it('find whoever is called so, and nobody else', async () => {
      for (const name of ['star*', 'paren(s)', 'Ünïcode', 'ünïcode']) {
        expect((await directory.find(name))?.userName.toLowerCase(), name).to.equal(
          name.toLowerCase(),
        );
      }
      const injections = ['*', 'a*', 'alic*', 'alice)(uid=*', 'x)(|(uid=alice', '\\2a', 'alice\0'];
      for (const name of injections) {
        expect(await directory.signIn(name, PASSWORD), name).to.deep.equal({ result: 'unknown' });
      }
    });

    it('find nobody by what is made up', async () => {
      const people_ = new Set(['alice', 'bob', 'carol', 'lockable', 'reset', 'patient', 'other']);
      const property = fc.asyncProperty(hostile, async (name) => {
        const found = await directory.find(name);
        if (found !== undefined) expect(people_).to.include(found.userName);
        if (found !== undefined) expect(name.trim().toLowerCase()).to.equal(found.userName);
      });
      await fc.assert(property, { numRuns: 300 });
    });
  });
});
