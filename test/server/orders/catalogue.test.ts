import { expect } from 'chai';
import { credentialProduct, isAccepted, PRODUCTS } from '../../../server/orders/catalogue.ts';
import { PRODUCT_IDS } from '../../../shared/products.ts';
import { CREDENTIAL_TYPES } from '../../../shared/types.ts';

const credentials = PRODUCT_IDS.filter((id) => PRODUCTS[id].kind === 'credential');

describe('the catalogue', () => {
  it('sells every credential with and without proofing', () => {
    for (const id of credentials.filter((each) => !each.endsWith('-proofed'))) {
      const [without, proofed] = [id, `${id}-proofed`].map((each) =>
        credentialProduct(each as typeof id),
      );
      expect(without?.proofing).to.equal(false);
      expect(proofed).to.deep.equal({ ...without, proofing: true, name: proofed?.name });
      expect(proofed?.name).to.equal(without?.name.replace('without Proofing', 'with Proofing'));
    }
    expect(PRODUCTS['hardware-token'].name).to.equal('OTP Token (1 Year) without Proofing');
  });

  it('sends by post what has a hardware token, and nothing else', () => {
    for (const id of credentials) {
      const { types, isShipped } = credentialProduct(id);
      expect(isShipped, id).to.equal(types.includes('hardwareToken'));
    }
  });

  it('says of what has phones which numbers they may have, and names types in order', () => {
    for (const id of credentials) {
      const { types, phones } = credentialProduct(id);
      expect(phones !== undefined, id).to.equal(types.includes('phoneOtp'));
      expect(phones === 'international', id).to.equal(id.includes('international'));
      expect(types).to.deep.equal(CREDENTIAL_TYPES.filter((type) => types.includes(type)));
    }
  });

  it('has no subscription of what is sold for one', () => {
    expect(() => credentialProduct('renewal')).to.throw('makes none');
  });

  it('accepts a bundle by its strongest part, and proofing only where it was bought', () => {
    const bundle = credentialProduct('mobile-id-hardware-token');
    expect(isAccepted(bundle, { strength: 'hardwareToken' })).to.equal(true);
    expect(isAccepted(bundle, { proofed: true })).to.equal(false);
    expect(isAccepted(credentialProduct('mobile-id'), { strength: 'hardwareToken' })).to.equal(
      false,
    );
  });
});
