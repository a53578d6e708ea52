import type { PeerCertificate } from 'node:tls';
import { isAllowed } from '../access/address.ts';
import type { RadiusClient } from './port.ts';

/** Which client a packet is from. */
export interface ClientLookup {
  /** The first that fits. */
  byAddress(address: string): RadiusClient | undefined;
  /** The first whose certificate it is, else the first known by its address alone. */
  byCertificate(certificate: PeerCertificate, address: string): RadiusClient | undefined;
}

/** Addresses remembered; beyond it all are forgotten, and looked up again as they come. */
const REMEMBERED_MAX = 4096;

export function createClientLookup(clients: readonly RadiusClient[]): ClientLookup {
  const known = new Map<string, RadiusClient | undefined>();

  function byAddress(address: string): RadiusClient | undefined {
    if (known.has(address)) return known.get(address);
    const client = clients.find(({ addresses }) => isAllowed(address, addresses));
    if (known.size >= REMEMBERED_MAX) known.clear();
    known.set(address, client);
    return client;
  }

  return {
    byAddress,
    byCertificate(certificate, address) {
      const names = namesOf(certificate);
      const named = clients.find(({ certificates = [] }) =>
        certificates.some((name) => names.has(canonicalName(name))),
      );
      if (named !== undefined) return named;
      const nameless = clients.filter(({ certificates }) => certificates === undefined);
      return nameless.find(({ addresses }) => isAllowed(address, addresses));
    },
  };
}

const FINGERPRINT_DIGITS = 64;

/** Fingerprints without their colons, names in lower case. */
function canonicalName(name: string): string {
  const digits = name.replaceAll(':', '').toLowerCase();
  return digits.length === FINGERPRINT_DIGITS ? digits : name.toLowerCase();
}

/** The CN counts only where there is no DNS name (RFC 6125 section 6.4.4). */
function namesOf({ fingerprint256, subject, subjectaltname }: PeerCertificate): Set<string> {
  const dns = dnsNames(subjectaltname ?? '');
  const commonNames = [subject?.CN ?? []].flat().map((name) => name.toLowerCase());
  const names = dns.length > 0 ? dns : commonNames;
  const fingerprint = fingerprint256 ?? '';
  return new Set([...names, ...(fingerprint === '' ? [] : [canonicalName(fingerprint)])]);
}

/**
 * Node quotes a name with anything odd in it (CVE-2021-44532): those are nobody's host name.
 */
const dnsNames = (alternatives: string): string[] =>
  alternatives
    .split(', ')
    .flatMap((entry) => /^DNS:([a-z0-9*._-]+)$/i.exec(entry)?.[1]?.toLowerCase() ?? []);
