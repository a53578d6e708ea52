import { expect } from 'chai';
import { EMULATOR_MANUFACTURER } from '../../../shared/seed-files/entry.ts';
import { EVENT, entryOf, OWNER, openRoom, type Room, serialOf, stream } from './room.ts';

const SERIAL = serialOf('FT1');

describe('a token that an emulator made', () => {
  let room: Room;
  afterEach(() => room.store.close());

  /** What an accepted code of it is worth, by serial and by account. */
  async function strengths(
    manufacturer: string | undefined,
    { acceptEmulated, lab }: { readonly acceptEmulated?: boolean; readonly lab?: boolean } = {},
  ) {
    room = await openRoom({}, lab);
    const entry = { ...entryOf(SERIAL, EVENT), ...(manufacturer && { manufacturer }) };
    const options = { dryRun: false, ...(acceptEmulated === undefined ? {} : { acceptEmulated }) };
    await room.tokens.importEntries(stream([entry]), options, room.as(OWNER));
    const account = await room.account('kim');
    const [code1, code2] = room.pair(SERIAL);
    await room.tokens.register({ serial: SERIAL, account, code1, code2 }, room.as(OWNER));
    const bySerial = await room.verify(SERIAL, room.code(SERIAL, 2));
    const byAccount = await room.verifyBy(account, room.code(SERIAL, 3));
    expect([bySerial.outcome, byAccount.outcome]).to.deep.equal(['accepted', 'accepted']);
    return [bySerial.strength, byAccount.strength];
  }

  it('does not reach hardwareToken', async () => {
    expect(await strengths(EMULATOR_MANUFACTURER)).to.deep.equal(['mobileId', 'mobileId']);
    expect((await room.detail(SERIAL)).token.emulated).to.equal('marked');
  });

  it('is known however the label is spelt', async () => {
    expect(await strengths(' FOBTWIN emulator ')).to.deep.equal(['mobileId', 'mobileId']);
  });

  it('reaches it when it was imported so, which the audit log says', async () => {
    const accepted = await strengths(EMULATOR_MANUFACTURER, { acceptEmulated: true });
    expect(accepted).to.deep.equal(['hardwareToken', 'hardwareToken']);
    const entry = (await room.audit()).find(({ action }) => action === 'import');
    expect(entry?.details).to.include({ acceptEmulated: true });
  });

  it('reaches it in a lab', async () => {
    const inLab = await strengths(EMULATOR_MANUFACTURER, { lab: true });
    expect(inLab).to.deep.equal(['hardwareToken', 'hardwareToken']);
    expect((await room.detail(SERIAL)).token.emulated).to.equal('accepted');
  });

  it('is no other', async () => {
    expect(await strengths('Acme')).to.deep.equal(['hardwareToken', 'hardwareToken']);
    expect(await strengths(undefined)).to.deep.equal(['hardwareToken', 'hardwareToken']);
    expect((await room.detail(SERIAL)).token).not.to.have.property('emulated');
  });
});
