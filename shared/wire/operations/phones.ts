import * as phones from '../phones-schemas.ts';
import { accountPath } from '../schemas.ts';
import type { Operation } from './operation.ts';

/** Operations on the phones of an account, and a lab's captured texts. */
export const PHONES_OPERATIONS = {
  listPhones: {
    method: 'GET',
    path: '/v1/accounts/{id}/phones',
    summary: "An account's phone numbers, masked",
    params: accountPath,
    status: 200,
    reply: phones.phonesReply,
  },
  addPhone: {
    method: 'POST',
    path: '/v1/accounts/{id}/phones',
    summary: 'Add a phone number, and send it a code that proves it',
    params: accountPath,
    body: phones.phoneRequest,
    status: 201,
    reply: phones.phoneAddedReply,
  },
  verifyPhone: {
    method: 'POST',
    path: '/v1/accounts/{id}/phones/{phone}/verification',
    summary: 'Prove a number by the code that was sent to it; the first activates a Phone OTP',
    params: phones.phonePath,
    body: phones.phoneVerificationRequest,
    status: 200,
    reply: phones.phoneVerifiedReply,
  },
  sendPhoneCode: {
    method: 'POST',
    path: '/v1/accounts/{id}/phones/{phone}/code',
    summary: 'Send a code to a phone: to sign in with, or to prove a number that is new',
    params: phones.phonePath,
    body: phones.phoneCodeRequest,
    status: 200,
    reply: phones.phoneCodeReply,
  },
  removePhone: {
    method: 'DELETE',
    path: '/v1/accounts/{id}/phones/{phone}',
    summary: 'Remove a phone number; answers with those that are left',
    params: phones.phonePath,
    status: 200,
    reply: phones.phonesReply,
  },
  listTexts: {
    method: 'GET',
    path: '/lab/texts',
    summary: 'What a lab would have sent to phones, in order of time',
    query: phones.textsQuery,
    status: 200,
    reply: phones.textsReply,
  },
} as const satisfies Record<string, Operation>;
