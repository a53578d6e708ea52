import path from 'node:path';
import { z } from 'zod';
import { isThisMachine } from '../../access/address.ts';
import { DEFAULT_DIRECTORY_PATIENCE, type DirectoryPatience } from '../password-failures.ts';
import { isGroupFilter, isUserFilter } from './filter.ts';

/** What can be chosen of a directory: the JSON file of `--directory`. */

export const DIRECTORY_KINDS = ['activeDirectory', 'ldap'] as const;
export type DirectoryKind = (typeof DIRECTORY_KINDS)[number];

/** What the attributes are called that an entry is read from. */
export interface DirectoryAttributes {
  readonly id: string;
  readonly userName: string;
  readonly principalName: string;
  readonly legalName: string;
  readonly email: string;
  readonly organisation: string;
  readonly country: string;
}

/** One server, and how it is spoken to. */
export interface DirectoryServer {
  /** As it was given. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly security: 'ldaps' | 'startTls' | 'plain';
}

export interface DirectoryOptions {
  readonly kind: DirectoryKind;
  /** Tried in this order. */
  readonly servers: readonly DirectoryServer[];
  /** Absolute: PEM of whoever vouches for the servers; absent: whom Node.js trusts. */
  readonly caFile: string | undefined;
  /** Who looks people up; absent: nobody in particular (anonymous). */
  readonly service: { readonly dn: string; readonly passwordFile: string } | undefined;
  readonly baseDn: string;
  /** With `{user}` where the name goes. */
  readonly userFilter: string;
  /** For `user@suffix`, whole; absent: the suffix is dropped and `userFilter` taken. */
  readonly principalFilter: string | undefined;
  /** What must be so of an entry as well. */
  readonly groupFilter: string | undefined;
  /** NetBIOS name: the `DOMAIN` of `DOMAIN\user`; absent: names of that form find nobody. */
  readonly domain: string | undefined;
  /** The only ones after `@`; empty: any. */
  readonly principalSuffixes: readonly string[];
  readonly attributes: DirectoryAttributes;
  /** For opening a connection, and for each answer. */
  readonly timeoutMillis: number;
  /** Passwords tried at the same time. */
  readonly connectionsMax: number;
  /** Below what the directory itself locks people out for. */
  readonly patience: DirectoryPatience;
}

/** Filters and attributes where the file names none. */
const DEFAULTS: Readonly<
  Record<
    DirectoryKind,
    Pick<DirectoryOptions, 'userFilter' | 'principalFilter'> & { attributes: DirectoryAttributes }
  >
> = {
  activeDirectory: {
    userFilter: '(sAMAccountName={user})',
    principalFilter: '(userPrincipalName={user})',
    attributes: {
      id: 'objectGUID',
      userName: 'sAMAccountName',
      principalName: 'userPrincipalName',
      legalName: 'displayName',
      email: 'mail',
      organisation: 'company',
      country: 'c',
    },
  },
  ldap: {
    userFilter: '(uid={user})',
    principalFilter: undefined,
    attributes: {
      id: 'entryUUID',
      userName: 'uid',
      principalName: 'krbPrincipalName',
      legalName: 'cn',
      email: 'mail',
      organisation: 'o',
      country: 'c',
    },
  },
};

const TEXT_MAX = 1024;
const SERVERS_MAX = 8;
const text = z.string().min(1, 'is empty').max(TEXT_MAX, 'is too long');
const attribute = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'is the name of an attribute');
const userFilter = text.refine(isUserFilter, 'is a filter such as (uid={user})');
const server = z
  .string()
  .max(TEXT_MAX, 'is too long')
  .refine((url) => parseServer(url, false) !== undefined, {
    error: 'is an address such as ldaps://dc1.example.com',
  });

const schema = z
  .strictObject({
    kind: z.enum(DIRECTORY_KINDS),
    urls: z.array(server).min(1, 'is empty').max(SERVERS_MAX, 'are too many'),
    startTls: z.boolean().default(false),
    allowPlain: z.boolean().default(false),
    caFile: text.optional(),
    bindDn: text.optional(),
    bindPasswordFile: text.optional(),
    baseDn: text,
    userFilter: userFilter.optional(),
    principalFilter: userFilter.optional(),
    groupFilter: text.refine(isGroupFilter, 'is a filter without {user}').optional(),
    domain: z
      .string()
      .regex(/^[^\\@/"[\]:;|=,+*?<>\s]{1,64}$/, 'is the DOMAIN of DOMAIN\\user')
      .optional(),
    principalSuffixes: z
      .array(z.string().regex(/^[^\\@\s]{1,255}$/, 'is what stands after the @'))
      .max(64, 'are too many')
      .default([]),
    attributes: z
      .strictObject({
        id: attribute,
        userName: attribute,
        principalName: attribute,
        legalName: attribute,
        email: attribute,
        organisation: attribute,
        country: attribute,
      })
      .partial()
      .default({}),
    timeoutMillis: z.int().min(100).max(60_000).default(5000),
    connectionsMax: z.int().min(1).max(256).default(16),
    failuresBeforeWait: z
      .int()
      .min(1)
      .max(100)
      .default(DEFAULT_DIRECTORY_PATIENCE.failuresBeforeWait),
    waitSeconds: z.int().min(1).max(86_400).default(DEFAULT_DIRECTORY_PATIENCE.waitSeconds),
  })
  .check((context) => {
    for (const { path: at, message } of contradictions(context.value)) {
      context.issues.push({ code: 'custom', input: context.value, path: [at], message });
    }
  });

type Form = z.output<typeof schema>;

/** For the server's settings. */
export const DIRECTORY_FORM = {
  name: 'directory',
  schema,
  example:
    '{"kind": "activeDirectory", "urls": ["ldaps://dc1.example.com"], ' +
    '"bindDn": "CN=fobd,DC=example,DC=com", "bindPasswordFile": "fobd.password", ' +
    '"baseDn": "DC=example,DC=com", "domain": "EXAMPLE"}',
} as const;

/** @param place absolute; the directory of the file, which the paths in it are relative to */
export function createDirectoryOptions(form: Form, place: string): DirectoryOptions {
  const standard = DEFAULTS[form.kind];
  const { bindDn, bindPasswordFile, caFile } = form;
  return Object.freeze({
    kind: form.kind,
    servers: form.urls.flatMap((url) => parseServer(url, form.startTls) ?? []),
    caFile: caFile === undefined ? undefined : path.resolve(place, caFile),
    service:
      bindDn === undefined || bindPasswordFile === undefined
        ? undefined
        : { dn: bindDn, passwordFile: path.resolve(place, bindPasswordFile) },
    baseDn: form.baseDn,
    userFilter: form.userFilter ?? standard.userFilter,
    principalFilter: form.principalFilter ?? standard.principalFilter,
    groupFilter: form.groupFilter,
    domain: form.domain,
    principalSuffixes: form.principalSuffixes,
    attributes: { ...standard.attributes, ...withoutUndefined(form.attributes) },
    timeoutMillis: form.timeoutMillis,
    connectionsMax: form.connectionsMax,
    patience: { failuresBeforeWait: form.failuresBeforeWait, waitSeconds: form.waitSeconds },
  });
}

/** What does not go together, each at the field that would put it right. */
function contradictions(form: Form): { readonly path: string; readonly message: string }[] {
  const { urls, startTls, allowPlain, bindDn, bindPasswordFile } = form;
  const servers = urls.flatMap((url) => parseServer(url, startTls) ?? []);
  const open = servers.filter(({ security, host }) => security === 'plain' && !isThisMachine(host));
  const isUseless = startTls && servers.every(({ security }) => security !== 'startTls');
  return [
    ...open
      .filter(() => !allowPlain)
      .map(({ url }) => ({
        path: 'urls',
        message: `${url} would carry passwords in the clear: use ldaps:// or "startTls": true`,
      })),
    ...(isUseless ? [{ path: 'startTls', message: 'is for addresses with ldap://' }] : []),
    ...(bindDn !== undefined && bindPasswordFile === undefined
      ? [{ path: 'bindPasswordFile', message: 'is missing beside bindDn' }]
      : []),
    ...(bindDn === undefined && bindPasswordFile !== undefined
      ? [{ path: 'bindDn', message: 'is missing beside bindPasswordFile' }]
      : []),
  ];
}

/** Scheme, host and port; nothing else has a meaning here. */
function parseServer(url: string, startTls: boolean): DirectoryServer | undefined {
  const [, scheme, bracketed, bare, portText] =
    /^(ldaps?):\/\/(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?\/?$/.exec(url) ?? [];
  const host = bracketed ?? bare;
  if (scheme === undefined || host === undefined) return undefined;
  const port = Number(portText ?? (scheme === 'ldaps' ? 636 : 389));
  if (port < 1 || port > 65_535) return undefined;
  const open = startTls ? 'startTls' : 'plain';
  return { url, host, port, security: scheme === 'ldaps' ? 'ldaps' : open };
}

function withoutUndefined(names: Form['attributes']): Partial<DirectoryAttributes> {
  return Object.fromEntries(Object.entries(names).filter(([, name]) => name !== undefined));
}
