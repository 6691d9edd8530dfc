import { expect, it } from '@jest/globals';
import { createLicenses } from '../../../../src/adapters/licenses/spdx.ts';

it.each([
  ['MIT', 'identifier'],
  ['GPL-2.0', 'identifier'],
  ['GPL-2.0-or-later', 'identifier'],
  ['BlueOak-1.0.0', 'identifier'],
  ['Apache-2.0+', 'expression'],
  ['GPL-2.0-or-later WITH Bison-exception-2.2', 'expression'],
  ['(MIT OR Apache-2.0)', 'expression'],
  [' MIT', 'expression'],
  ['LicenseRef-ours', 'expression'],
  ['DocumentRef-x:LicenseRef-ours', 'expression'],
  ['mit', undefined],
  ['MIT/X11', undefined],
  ['MIT OR', undefined],
  ['GPL-2.0-only WITH no-such-exception', undefined],
  ['Autoconf-exception-2.0', undefined],
  ['', undefined],
  ['constructor', undefined],
  ['('.repeat(5000), undefined],
])('%j is to SPDX: %s', async (text, form) => {
  const formOf = await createLicenses().load();
  expect(formOf(text)).toBe(form);
  expect(formOf(text)).toBe(form);
});
