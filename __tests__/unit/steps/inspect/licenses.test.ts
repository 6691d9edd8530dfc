import { expect, it } from '@jest/globals';
import { licensesOf } from '../../../../src/steps/inspect/licenses.ts';

const formOf = (text: string) => {
  if (/ (?:OR|AND|WITH) /.test(text)) return 'expression';
  return /^(?:MIT|ISC|Apache-2\.0)$/.test(text) ? 'identifier' : undefined;
};
const id = (text: string) => ({ license: { id: text } });
const name = (text: string) => ({ license: { name: text } });

it.each([
  [[], []],
  [[''], []],
  [['MIT'], [id('MIT')]],
  [
    ['MIT', '', 'ISC'],
    [id('MIT'), id('ISC')],
  ],
  [
    ['MIT', 'Expat'],
    [id('MIT'), name('Expat')],
  ],
  [['text://All rights reserved.'], [name('All rights reserved.')]],
  [['MIT OR ISC'], [{ expression: 'MIT OR ISC' }]],
  [['MIT OR ISC', 'Apache-2.0'], [{ expression: '(MIT OR ISC) AND Apache-2.0' }]],
  [
    ['MIT OR ISC', 'Expat'],
    [name('MIT OR ISC'), name('Expat')],
  ],
])('%j', (declared, choices) => {
  expect(licensesOf(declared, formOf)).toEqual(choices);
});
