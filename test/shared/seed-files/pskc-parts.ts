/** PSKC files put together from parts, each of which a test may replace. */
export interface Parts {
  /** Inside DeviceInfo. */
  readonly device?: string;
  /** The Key's attributes. */
  readonly key?: string;
  readonly suite?: string;
  /** The ResponseFormat's attributes. */
  readonly format?: string;
  /** Inside Data. */
  readonly data?: string;
  readonly afterData?: string;
  readonly afterKey?: string;
}

export const NAMESPACE = 'urn:ietf:params:xml:ns:keyprov:pskc';
export const DECIMAL = 'Encoding="DECIMAL" Length="6"';
export const HOTP = `Algorithm="${NAMESPACE}:hotp"`;
export const TOTP = `Algorithm="${NAMESPACE}:totp"`;
/** The seed of RFC 4226 appendix D. */
export const SEED = plain('Secret', 'MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=');

export function plain(name: string, value: string): string {
  return `<${name}><PlainValue>${value}</PlainValue></${name}>`;
}

export function keyPackage({
  device = '<SerialNo>FT1</SerialNo>',
  key = `Id="FT1" ${HOTP}`,
  suite = '',
  format = DECIMAL,
  data = SEED,
  afterData = '',
  afterKey = '',
}: Parts = {}): string {
  const suiteElement = suite === '' ? '' : `<Suite>${suite}</Suite>`;
  const formatElement = format === '' ? '' : `<ResponseFormat ${format}/>`;
  return `<KeyPackage><DeviceInfo>${device}</DeviceInfo><Key ${key}>
<AlgorithmParameters>${suiteElement}${formatElement}</AlgorithmParameters>
<Data>${data}</Data>${afterData}</Key>${afterKey}</KeyPackage>`;
}

/** The packages stand from line 3. */
export function container(content: string, attributes = `Version="1.0" xmlns="${NAMESPACE}"`) {
  return `<?xml version="1.0"?>\n<KeyContainer ${attributes}>\n${content}\n</KeyContainer>\n`;
}

/** A file of one KeyPackage. */
export function file(parts: Parts = {}): string {
  return container(keyPackage(parts));
}

/** A file of one totp key with these elements of Data beside its seed. */
export function timeFile(data: string): string {
  return file({ key: `Id="1" ${TOTP}`, data: SEED + data });
}
