/**
 * What a PSKC file may hold (RFC 6030 section 4 and its schema, section 11), and what is done with
 * it. Elements are named by their path; those below a KeyPackage begin there.
 *
 * - `branch`: holds elements, no text
 * - `attributes`: a branch whose attributes are kept
 * - `value`: its text and attributes are kept
 * - `ignored`: says nothing that a code depends on; skipped with all that it holds
 * - `policy`, `foreignKey`: refused, since acting as if they were not there would be wrong
 */
export type ElementUse = 'branch' | 'attributes' | 'value' | 'ignored' | 'policy' | 'foreignKey';

export const PSKC_NAMESPACE = 'urn:ietf:params:xml:ns:keyprov:pskc';

/** XML Encryption (xmlenc-core1 section 3): what EncryptedDataType holds. */
const encryptedData = (path: string): [string, ElementUse][] => [
  [`${path}/EncryptionMethod`, 'attributes'],
  [`${path}/CipherData`, 'branch'],
  [`${path}/CipherData/CipherValue`, 'value'],
];

const DERIVED = 'KeyContainer/EncryptionKey/DerivedKey';
export const DERIVATION = `${DERIVED}/KeyDerivationMethod`;
export const PBKDF2 = `${DERIVATION}/PBKDF2-params`;
export const ENCRYPTION_KEY = 'KeyContainer/EncryptionKey';
export const MAC_METHOD = 'KeyContainer/MACMethod';
export const MAC_KEY = `${MAC_METHOD}/MACKey`;

export const CONTAINER_ELEMENTS: ReadonlyMap<string, ElementUse> = new Map([
  ['KeyContainer', 'branch'],
  [ENCRYPTION_KEY, 'attributes'],
  [`${ENCRYPTION_KEY}/KeyName`, 'ignored'],
  // Keys wrapped for a certificate (section 6.3), or that stand elsewhere.
  [`${ENCRYPTION_KEY}/X509Data`, 'foreignKey'],
  [`${ENCRYPTION_KEY}/EncryptedKey`, 'foreignKey'],
  [`${ENCRYPTION_KEY}/RetrievalMethod`, 'foreignKey'],
  [DERIVED, 'branch'],
  [`${DERIVED}/ReferenceList`, 'ignored'],
  [`${DERIVED}/MasterKeyName`, 'ignored'],
  [`${DERIVED}/CarriedKeyName`, 'ignored'],
  [`${DERIVED}/DerivedKeyName`, 'ignored'],
  [DERIVATION, 'attributes'],
  [PBKDF2, 'branch'],
  [`${PBKDF2}/Salt`, 'branch'],
  [`${PBKDF2}/Salt/Specified`, 'value'],
  [`${PBKDF2}/IterationCount`, 'value'],
  [`${PBKDF2}/KeyLength`, 'value'],
  [`${PBKDF2}/PRF`, 'value'],
  [MAC_METHOD, 'attributes'],
  [MAC_KEY, 'attributes'],
  ...encryptedData(MAC_KEY),
  [`${MAC_METHOD}/MACKeyReference`, 'foreignKey'],
  ['KeyContainer/KeyPackage', 'branch'],
  ['KeyContainer/Extensions', 'ignored'],
]);

export const DATA_NAMES = ['Secret', 'Counter', 'Time', 'TimeInterval', 'TimeDrift'] as const;
export type DataName = (typeof DATA_NAMES)[number];

const dataElements = (name: DataName): [string, ElementUse][] => [
  [`Key/Data/${name}`, 'branch'],
  [`Key/Data/${name}/PlainValue`, 'value'],
  [`Key/Data/${name}/EncryptedValue`, 'attributes'],
  ...encryptedData(`Key/Data/${name}/EncryptedValue`),
  [`Key/Data/${name}/ValueMAC`, 'value'],
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
  ['Key', 'attributes'],
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
  ...DATA_NAMES.flatMap(dataElements),
  ['Key/UserId', 'value'],
  ['Key/Policy', 'branch'],
  ['Key/Policy/StartDate', 'policy'],
  ['Key/Policy/ExpiryDate', 'policy'],
  ['Key/Policy/NumberOfTransactions', 'policy'],
  ['Key/Policy/PINPolicy', 'value'],
  ['Key/Policy/KeyUsage', 'value'],
  ['Key/Extensions', 'ignored'],
]);

/** Everything else stands at most once in a KeyPackage, and in what comes before them. */
export const REPEATABLE_ELEMENTS: ReadonlySet<string> = new Set([
  'Extensions',
  'DeviceInfo/Extensions',
  'Key/AlgorithmParameters/Extensions',
  'Key/Policy/KeyUsage',
  'Key/Extensions',
  'KeyContainer/KeyPackage',
  'KeyContainer/Extensions',
  `${ENCRYPTION_KEY}/KeyName`,
]);

/**
 * Here elements of XML Signature, XML Encryption and PKCS #5 stand, whose namespaces even the RFC's
 * own examples give in several ways: the RFC writes Salt in none, others in PSKC's.
 */
export function isOfEncryption(path: string): boolean {
  return /(^|\/)(EncryptionKey|MACKey|EncryptedValue)(\/|$)/.test(path);
}

const NAMES_IN_PLACES: ReadonlyMap<string, string> = new Map([['SerialNo', 'Serial']]);

/** `Secret` for `Key/Data/Secret/PlainValue`: how a refusal names an element of a KeyPackage. */
export function placeName(path: string): string {
  const names = path.split('/').filter((name) => name !== 'PlainValue');
  const name = names[names.length - 1] ?? path;
  return NAMES_IN_PLACES.get(name) ?? name;
}

/**
 * privacyIDEA writes every name in lower case (`export_pskc` of privacyidea/lib/importotp.py: the
 * file goes through a parser of HTML), which no schema allows; a file that begins so is read so.
 */
export const LOWER_CASE_ROOT = 'keycontainer';

const ATTRIBUTE_NAMES = ['Algorithm', 'CheckDigits', 'Encoding', 'Id', 'Length', 'Version'];
const ELEMENT_NAMES = [...CONTAINER_ELEMENTS.keys(), ...PACKAGE_ELEMENTS.keys()].flatMap((path) =>
  path.split('/'),
);
const CANONICAL: ReadonlyMap<string, string> = new Map(
  [...ELEMENT_NAMES, ...ATTRIBUTE_NAMES].map((name) => [name.toLowerCase(), name]),
);

/** The name as the RFC has it. */
export function canonicalName(lowerCase: string): string {
  return CANONICAL.get(lowerCase) ?? lowerCase;
}
