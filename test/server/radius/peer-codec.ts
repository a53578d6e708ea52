import { createRequire } from 'node:module';

/** The npm package `radius`: another's reading of the same RFCs, without types of its own. */
export interface PeerCodec {
  encode(packet: {
    readonly code: string;
    readonly secret: string;
    readonly identifier?: number;
    readonly add_message_authenticator?: boolean;
    readonly attributes: readonly (readonly [string, string | Buffer])[];
  }): Buffer;
  decode(given: { readonly packet: Buffer; readonly secret: string }): {
    readonly code: string;
    readonly identifier: number;
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly raw_attributes: readonly (readonly [number, Buffer])[];
  };
  verify_response(given: {
    readonly request: Buffer;
    readonly response: Buffer;
    readonly secret: string;
  }): boolean;
}

export const peerCodec = createRequire(import.meta.url)('radius') as PeerCodec;
