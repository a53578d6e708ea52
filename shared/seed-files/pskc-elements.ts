/**
 * What a PSKC file may hold (RFC 6030 section 4 and its schema, section 11), and what is done with
 * it. Elements are named by their path; those below a KeyPackage begin there.
 *
 * - `branch`: holds elements, no text
 * - `value`: its text and attributes are kept
 * - `ignored`: says nothing that a code depends on; skipped with all that it holds
 * - `encrypted`, `policy`: refused, since acting as if they were not there would be wrong
 */
export type ElementUse = 'branch' | 'value' | 'ignored' | 'encrypted' | 'policy';

export const PSKC_NAMESPACE = 'urn:ietf:params:xml:ns:keyprov:pskc';

export const CONTAINER_ELEMENTS: ReadonlyMap<string, ElementUse> = new Map([
  ['KeyContainer', 'branch'],
  ['KeyContainer/EncryptionKey', 'encrypted'],
  ['KeyContainer/MACMethod', 'encrypted'],
  ['KeyContainer/KeyPackage', 'branch'],
  ['KeyContainer/Extensions', 'ignored'],
]);

const dataElements = (name: string): [string, ElementUse][] => [
  [`Key/Data/${name}`, 'branch'],
  [`Key/Data/${name}/PlainValue`, 'value'],
  [`Key/Data/${name}/EncryptedValue`, 'encrypted'],
  [`Key/Data/${name}/ValueMAC`, 'encrypted'],
];

export const PACKAGE_ELEMENTS: ReadonlyMap<string, ElementUse> = new Map([
  ['DeviceInfo', 'branch'],
  ['DeviceInfo/Manufacturer', 'value'],
  ['DeviceInfo/SerialNo', 'value'],
  ['DeviceInfo/Model', 'value'],
  ['DeviceInfo/IssueNo', 'ignored'],
  ['DeviceInfo/DeviceBinding', 'ignored'],
  ['DeviceInfo/StartDate', 'ignored'],
  ['DeviceInfo/ExpiryDate', 'ignored'],
  ['DeviceInfo/UserId', 'ignored'],
  ['DeviceInfo/Extensions', 'ignored'],
  ['CryptoModuleInfo', 'ignored'],
  ['Extensions', 'ignored'],
  ['Key', 'value'],
  ['Key/Issuer', 'value'],
  ['Key/AlgorithmParameters', 'branch'],
  ['Key/AlgorithmParameters/Suite', 'value'],
  ['Key/AlgorithmParameters/ChallengeFormat', 'ignored'],
  ['Key/AlgorithmParameters/ResponseFormat', 'value'],
  ['Key/AlgorithmParameters/Extensions', 'ignored'],
  ['Key/KeyProfileId', 'ignored'],
  ['Key/KeyReference', 'ignored'],
  ['Key/FriendlyName', 'ignored'],
  ['Key/Data', 'branch'],
  ...dataElements('Secret'),
  ...dataElements('Counter'),
  ...dataElements('Time'),
  ...dataElements('TimeInterval'),
  ...dataElements('TimeDrift'),
  ['Key/UserId', 'ignored'],
  ['Key/Policy', 'branch'],
  ['Key/Policy/StartDate', 'policy'],
  ['Key/Policy/ExpiryDate', 'policy'],
  ['Key/Policy/NumberOfTransactions', 'policy'],
  ['Key/Policy/PINPolicy', 'value'],
  ['Key/Policy/KeyUsage', 'value'],
  ['Key/Extensions', 'ignored'],
]);

/** Everything else stands at most once in a KeyPackage. */
export const REPEATABLE_ELEMENTS: ReadonlySet<string> = new Set([
  'Extensions',
  'DeviceInfo/Extensions',
  'Key/AlgorithmParameters/Extensions',
  'Key/Policy/KeyUsage',
  'Key/Extensions',
]);

const NAMES_IN_PLACES: ReadonlyMap<string, string> = new Map([['SerialNo', 'Serial']]);

/** `Secret` for `Key/Data/Secret/PlainValue`: how a refusal names an element of a KeyPackage. */
export function placeName(path: string): string {
  const names = path.split('/').filter((name) => name !== 'PlainValue');
  const name = names[names.length - 1] ?? path;
  return NAMES_IN_PLACES.get(name) ?? name;
}
