import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createDirectoryOptions,
  DIRECTORY_FORM,
  type DirectoryOptions,
} from '../../../../server/accounts/directory/options.ts';
import { type MadeCertificate, makeCertificate } from '../../../support/certificates.ts';
import { libraryOrSkip } from '../../../support/debian.ts';
import { type Slapd, SUFFIX, slapdOrSkip } from '../../../support/slapd.ts';

/**
 * A directory with two halves: people as OpenLDAP has them, under a password policy that locks
 * after five, and people with the attributes of Active Directory. Active Directory itself is not
 * at hand: its schema's names are, under their own OIDs (MS-ADA), and its syntaxes.
 */

export const UNIX = `ou=unix,${SUFFIX}`;
export const WINDOWS = `ou=windows,${SUFFIX}`;
export const SERVICE = { dn: `cn=fobd,${SUFFIX}`, password: 'the service of fobd' } as const;
/** Everybody's. */
export const PASSWORD = 'correct horse battery staple';

/** After so many wrong ones the directory locks. */
export const LOCKS_AFTER = 5;

const ACTIVE_DIRECTORY_SCHEMA = `
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
  SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.656 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch
  SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.1460 NAME 'msDS-User-Account-Control-Computed'
  EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.159 NAME 'accountExpires' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.662 NAME 'lockoutTime' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' EQUALITY octetStringMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.2.146 NAME 'company' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.2.102 NAME 'memberOf' EQUALITY distinguishedNameMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )
objectclass ( 1.2.840.113556.1.5.9 NAME 'user' SUP organizationalPerson STRUCTURAL
  MAY ( sAMAccountName $ userPrincipalName $ userAccountControl $ accountExpires $ lockoutTime
  $ msDS-User-Account-Control-Computed $ objectGUID $ company $ memberOf $ displayName $ mail
  $ c ) )
`;

const unix = (uid: string, ...lines: string[]): string =>
  [
    `dn: uid=${uid},${UNIX}`,
    'objectClass: inetOrgPerson',
    'objectClass: shadowAccount',
    `uid: ${uid}`,
    `cn: ${uid}`,
    'sn: Person',
    `userPassword: ${PASSWORD}`,
    ...lines,
    '',
  ].join('\n');

const windows = (name: string, ...lines: string[]): string =>
  [
    `dn: CN=${name},${WINDOWS}`,
    'objectClass: user',
    `cn: ${name}`,
    'sn: Person',
    `sAMAccountName: ${name}`,
    `userPassword: ${PASSWORD}`,
    `objectGUID:: ${guidOf(name).toString('base64')}`,
    ...lines,
    '',
  ].join('\n');

/** Sixteen bytes that are no UTF-8, each name's own. */
export const guidOf = (name: string): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(name.padEnd(14, '.').slice(0, 14))]);

const LDIF = [
  `dn: ${SERVICE.dn}`,
  'objectClass: person',
  'cn: fobd',
  'sn: Service',
  `userPassword: ${SERVICE.password}`,
  '',
  ...[UNIX, WINDOWS].flatMap((dn) => [`dn: ${dn}`, 'objectClass: organizationalUnit', '']),
  `dn: cn=policy,${SUFFIX}`,
  'objectClass: device',
  'objectClass: pwdPolicy',
  'cn: policy',
  'pwdAttribute: userPassword',
  'pwdLockout: TRUE',
  `pwdMaxFailure: ${LOCKS_AFTER}`,
  '',
  unix('alice', 'mail: alice@example.com', 'o: Example'),
  unix('bob'),
  unix('carol', 'shadowExpire: 1'),
  unix('lockable'),
  unix('reset', 'pwdReset: TRUE'),
  unix('patient'),
  unix('twin'),
  unix('other', 'uid: twin'),
  // What a hostile name would reach if it were syntax.
  unix('star*'),
  unix('paren(s)'),
  unix('Ünïcode'),
  windows(
    'alice',
    'userPrincipalName: a.person@corp.example',
    'userAccountControl: 512',
    'accountExpires: 9223372036854775807',
    'displayName: Alice Person',
    'mail: alice@corp.example',
    'company: Example',
    'c: ch',
    `memberOf: CN=VPN,${WINDOWS}`,
  ),
  windows('disabled', 'userAccountControl: 514', 'userPrincipalName: disabled@corp.example'),
  windows('expired', 'userAccountControl: 512', 'accountExpires: 132223104000000000'),
  windows('wasLocked', 'userAccountControl: 512', 'lockoutTime: 132223104000000000'),
  windows('bob', 'userAccountControl: 512', 'userPrincipalName: bob@corp.example'),
].join('\n');

export interface People {
  readonly slapd: Slapd;
  /** The certificate that it serves, which vouches for itself. */
  readonly tls: MadeCertificate;
  /** Another, which vouches for nobody here. */
  readonly wrongTls: MadeCertificate;
  readonly directory: string;
  /** Options as the settings' file would give them. */
  options(form: Readonly<Record<string, unknown>>): DirectoryOptions;
  unix(form?: Readonly<Record<string, unknown>>): DirectoryOptions;
  windows(form?: Readonly<Record<string, unknown>>): DirectoryOptions;
  remove(): Promise<void>;
}

/** For a `before` hook. */
export async function peopleOrSkip(context: Mocha.Context): Promise<People> {
  // Before anything is made that would have to be removed: here the tests may be skipped.
  await libraryOrSkip(context, 'slapd');
  const directory = await mkdtemp(path.join(tmpdir(), 'fobtwin-directory-'));
  const tls = await makeCertificate(directory, { name: 'tls' });
  const wrongTls = await makeCertificate(directory, { name: 'wrong' });
  await writeFile(path.join(directory, 'service.password'), `${SERVICE.password}\n`);
  const slapd = await slapdOrSkip(context, {
    directory,
    tls,
    ldif: LDIF,
    schema: ACTIVE_DIRECTORY_SCHEMA,
    modules: ['ppolicy'],
    database: [
      'overlay ppolicy',
      `ppolicy_default cn=policy,${SUFFIX}`,
      'access to attrs=userPassword by anonymous auth by * none',
      `access to * by dn.exact="${SERVICE.dn}" read by * none`,
    ],
  });
  const options = (form: Readonly<Record<string, unknown>>) =>
    createDirectoryOptions(
      DIRECTORY_FORM.schema.parse({
        urls: [`ldap://127.0.0.1:${slapd.ldapPort}`],
        bindDn: SERVICE.dn,
        bindPasswordFile: 'service.password',
        ...form,
      }),
      directory,
    );
  return {
    slapd,
    tls,
    wrongTls,
    directory,
    options,
    unix: (form = {}) => options({ kind: 'ldap', baseDn: UNIX, ...form }),
    windows: (form = {}) =>
      options({ kind: 'activeDirectory', baseDn: WINDOWS, domain: 'CORP', ...form }),
    async remove() {
      await slapd.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
