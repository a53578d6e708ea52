import { isIPv4 } from 'node:net';
import { z } from 'zod';
import { STRENGTHS } from '../../shared/types.ts';
import { ATTRIBUTE_VALUE_BYTES_MAX, type Attribute } from './packet.ts';
import type { ReplyTemplate, SignInFacts } from './port.ts';

/**
 * Reply attributes as the RADIUS file names them. What cannot fit its attribute is refused when the
 * file is read, whatever will be filled in later.
 */

/** How a value is laid out: RFC 2865 section 5; tags RFC 2868 section 3. */
type Form = 'text' | 'integer' | 'address' | 'taggedInteger' | 'taggedText';
interface Row {
  readonly type: number;
  readonly form: Form;
  /** Names that stand for an integer. */
  readonly names?: Readonly<Record<string, number>>;
}

/** RFC 2865 section 5, RFC 2868 section 3. */
const DICTIONARY = {
  'Service-Type': {
    type: 6,
    form: 'integer',
    names: { 'Login-User': 1, 'Framed-User': 2, 'Administrative-User': 6, 'NAS-Prompt-User': 7 },
  },
  'Framed-IP-Address': { type: 8, form: 'address' },
  'Filter-Id': { type: 11, form: 'text' },
  'Reply-Message': { type: 18, form: 'text' },
  Class: { type: 25, form: 'text' },
  'Session-Timeout': { type: 27, form: 'integer' },
  'Idle-Timeout': { type: 28, form: 'integer' },
  'Tunnel-Type': { type: 64, form: 'taggedInteger', names: { VLAN: 13 } },
  'Tunnel-Medium-Type': { type: 65, form: 'taggedInteger', names: { 'IEEE-802': 6 } },
  'Tunnel-Private-Group-ID': { type: 81, form: 'taggedText' },
} as const satisfies Readonly<Record<string, Row>>;

const VENDOR_SPECIFIC = { name: 'Vendor-Specific', type: 26 } as const;
/** The vendor's number, its own type and length stand before the value (RFC 2865 section 5.26). */
const VENDOR_HEAD_BYTES = 6;

/** What can be filled into a text, and how many bytes that may have (`shared/types.ts`). */
const PLACES = {
  account: { bytesMax: 128, of: ({ account }: SignInFacts): string => account },
  strength: { bytesMax: 13, of: ({ strength }: SignInFacts): string => strength },
  serial: { bytesMax: 64, of: ({ serial }: SignInFacts): string => serial ?? '' },
} as const;
const PLACE = /\{([^{}]*)\}/g;

const strengths = z.array(z.enum(STRENGTHS)).min(1, 'is empty').optional();
const groups = z.array(z.string().max(64, 'is too long')).min(1, 'is empty').optional();
const value = z.union([z.string().min(1, 'is empty'), z.int().min(0).max(0xffff_ffff)], {
  error: 'is a text or a whole number',
});
const tag = z.int().min(0).max(31).default(0);
const names = Object.keys(DICTIONARY) as [keyof typeof DICTIONARY];

const ofDictionary = z.strictObject({ attribute: z.enum(names), value, tag, strengths, groups });
const ofVendor = z.strictObject({
  attribute: z.literal(VENDOR_SPECIFIC.name),
  value: z.strictObject({
    /** A Private Enterprise Number. */
    vendor: z.int().min(1).max(0xff_ffff),
    type: z.int().min(1).max(255),
    value,
  }),
  strengths,
  groups,
});

/** A row of `replies`: `{"attribute": "Class", "value": "{account}", "strengths": [...]}`. */
export const replyRow = z
  .discriminatedUnion('attribute', [ofDictionary, ofVendor], {
    error: `has an attribute of ${[...names, VENDOR_SPECIFIC.name].join(', ')}`,
  })
  .transform((row, context): CompiledReply => {
    const compiled = compile(row);
    if (typeof compiled !== 'string') return compiled;
    context.addIssue({ code: 'custom', path: ['value'], message: compiled });
    return z.NEVER;
  });

/** A template, and how many bytes it takes of a packet at most. */
export interface CompiledReply extends ReplyTemplate {
  readonly bytesMax: number;
}

/** A value to come: at most so many bytes, and how it is made. */
interface Filling {
  readonly bytesMax: number;
  bytes(facts: SignInFacts): Uint8Array;
}

type ReplyRow = z.output<typeof ofDictionary> | z.output<typeof ofVendor>;

/** The template, or what is wrong with the value. */
function compile(row: ReplyRow): CompiledReply | string {
  const isVendor = row.attribute === VENDOR_SPECIFIC.name;
  const filling = isVendor ? vendorFilling(row.value) : plainFilling(row);
  if (typeof filling === 'string') return filling;
  if (filling.bytesMax > ATTRIBUTE_VALUE_BYTES_MAX) {
    return `can have ${filling.bytesMax} bytes, and ${ATTRIBUTE_VALUE_BYTES_MAX} fit`;
  }
  const type = isVendor ? VENDOR_SPECIFIC.type : DICTIONARY[row.attribute].type;
  return {
    ...(row.strengths === undefined ? {} : { strengths: row.strengths }),
    ...(row.groups === undefined ? {} : { groups: row.groups }),
    bytesMax: filling.bytesMax,
    fill: (facts): Attribute => ({ type, value: filling.bytes(facts) }),
  };
}

function plainFilling({ attribute, value, tag }: z.output<typeof ofDictionary>): Filling | string {
  const row: Row = DICTIONARY[attribute];
  if (!row.form.startsWith('tagged') && tag !== 0) return `${attribute} has no tag`;
  if (row.form === 'address') return addressFilling(value);
  if (row.form === 'text') return textFilling(value);
  if (row.form === 'taggedText') return prefixed([tag], textFilling(value));
  const number = numberOf(value, row.names ?? {});
  if (typeof number === 'string') return number;
  if (row.form === 'integer') return integerFilling(number);
  // The tag takes the place of the highest of four bytes (RFC 2868 section 3.1).
  if (number > 0xff_ffff) return 'is greater than 16777215';
  return fixed(Uint8Array.of(tag, ...integerBytes(number).subarray(1)));
}

function vendorFilling(given: z.output<typeof ofVendor>['value']): Filling | string {
  const { vendor, type, value } = given;
  const inner = typeof value === 'number' ? integerFilling(value) : textFilling(value);
  if (typeof inner === 'string') return inner;
  const bytesMax = VENDOR_HEAD_BYTES + inner.bytesMax;
  const bytes = (facts: SignInFacts): Uint8Array => {
    const filled = inner.bytes(facts);
    return Uint8Array.of(...integerBytes(vendor), type, 2 + filled.length, ...filled);
  };
  return { bytesMax, bytes };
}

function addressFilling(value: string | number): Filling | string {
  if (typeof value === 'number' || !isIPv4(value)) return 'is an IPv4 address';
  return fixed(Uint8Array.from(value.split('.').map(Number)));
}

function textFilling(value: string | number): Filling | string {
  const text = String(value);
  for (const [place, name = ''] of text.matchAll(PLACE)) {
    if (!Object.hasOwn(PLACES, name))
      return `${place} is none of {${Object.keys(PLACES).join('} {')}}`;
  }
  const wordsBytes = Buffer.byteLength(text.replace(PLACE, ''));
  const bytesMax = Array.from(text.matchAll(PLACE)).reduce(
    (sum, [, name]) => sum + PLACES[name as keyof typeof PLACES].bytesMax,
    wordsBytes,
  );
  return { bytesMax, bytes: (facts) => Buffer.from(fillPlaces(text, facts)) };
}

const fillPlaces = (text: string, facts: SignInFacts): string =>
  text.replace(PLACE, (_, name: keyof typeof PLACES) => PLACES[name].of(facts));

const prefixed = (head: readonly number[], inner: Filling | string): Filling | string =>
  typeof inner === 'string'
    ? inner
    : {
        bytesMax: head.length + inner.bytesMax,
        bytes: (facts) => Uint8Array.of(...head, ...inner.bytes(facts)),
      };

function numberOf(value: string | number, names: Readonly<Record<string, number>>) {
  if (typeof value === 'number') return value;
  const known = new Map(Object.entries(names));
  const list = Array.from(known.keys(), (name) => ` or ${name}`).join('');
  return known.get(value) ?? `is a whole number${list}`;
}

const integerFilling = (value: number): Filling => fixed(integerBytes(value));
const fixed = (value: Uint8Array): Filling => ({ bytesMax: value.length, bytes: () => value });

/** Four bytes, the highest first. */
function integerBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
