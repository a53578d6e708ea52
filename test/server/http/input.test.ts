import { expect } from 'chai';
import { z } from 'zod';
import { parseInput } from '../../../server/http/input.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { body, codeField } from '../../../shared/wire/fields.ts';

const schema = body({
  code: codeField,
  list: z.array(z.string({ error: 'wrongType' }), { error: 'wrongType' }).optional(),
});

function errorsOf(value: unknown, place: '' | '/path' | '/query' = '') {
  try {
    parseInput(schema, value, place);
  } catch (error) {
    expect(error).to.be.instanceOf(FobtwinError).with.property('code', 'invalidInput');
    return (error as FobtwinError).errors;
  }
  throw new Error('it was accepted');
}

describe('input errors', () => {
  it('tell an absent field from one of the wrong type', () => {
    expect(errorsOf({})).to.deep.equal([{ field: '/code', code: 'required' }]);
    expect(errorsOf({ code: 5 })).to.deep.equal([{ field: '/code', code: 'wrongType' }]);
    expect(errorsOf({ code: null })).to.deep.equal([{ field: '/code', code: 'wrongType' }]);
  });

  it('name what is deep by a JSON Pointer, escaped, under its place', () => {
    expect(errorsOf({ code: '123456', list: ['a', 1] })).to.deep.equal([
      { field: '/list/1', code: 'wrongType' },
    ]);
    expect(errorsOf({ code: '123456', 'a/b~c': 1 })).to.deep.equal([
      { field: '/a~1b~0c', code: 'unknownField' },
    ]);
    expect(errorsOf({}, '/query')).to.deep.equal([{ field: '/query/code', code: 'required' }]);
  });

  it('call the whole body by the empty pointer', () => {
    for (const value of [null, [], 'text', 7]) {
      expect(errorsOf(value)).to.deep.equal([{ field: '', code: 'wrongType' }]);
    }
  });

  it('say a thing once, and not without end', () => {
    expect(errorsOf({ code: '1'.repeat(99) })).to.deep.equal([{ field: '/code', code: 'tooLong' }]);
    const names = Array.from({ length: 2000 }, (_, index) => [`x${index}`, 1]);
    expect(errorsOf({ code: '123456', ...Object.fromEntries(names) })).to.have.length(50);
    const [long] = errorsOf({ code: '123456', ['x'.repeat(9999)]: 1 });
    expect(long?.field).to.have.length(200);
  });
});
