import { expect } from 'chai';
import { tellsOfNoDevices } from './openvpn.ts';

describe('whether this machine has tun devices', () => {
  for (const said of [
    'ERROR: Cannot open TUN/TAP dev /dev/net/tun: No such file or directory (errno=2)',
    'ERROR: Cannot open TUN/TAP dev /dev/net/tun: Operation not permitted (errno=1)',
    'ERROR: Cannot open TUN/TAP dev /dev/net/tun: Permission denied (errno=13)',
    'ERROR: Cannot open TUN/TAP dev /dev/net/tun: No such device (errno=19)',
    'ERROR: Cannot ioctl TUNSETIFF fobt1: Operation not permitted (errno=1)',
  ]) {
    it(`is told by: ${said}`, () => {
      expect(
        tellsOfNoDevices(`2026-01-01 00:00:00 ${said}\nExiting due to fatal error\n`),
      ).to.equal(true);
    });
  }

  for (const said of [
    'ERROR: Cannot ioctl TUNSETIFF fobt1: Device or resource busy (errno=16)',
    'ERROR: Cannot ioctl TUNSETIFF fobt1: Invalid argument (errno=22)',
    'Options error: Unrecognized option or missing parameter(s): mktunn (2.6.14)',
    'error while loading shared libraries: libpkcs11-helper.so.1: No such file or directory',
    'Options error: --ca fails with ca.pem: No such file or directory (errno=2)',
    '',
  ]) {
    it(`is not told by: ${said || 'silence'}`, () => {
      expect(tellsOfNoDevices(said)).to.equal(false);
    });
  }
});
