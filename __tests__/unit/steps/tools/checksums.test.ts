import { describe, expect, it } from '@jest/globals';
import { listedChecksum } from '../../../../src/steps/tools/checksums.ts';

const A = 'ab'.repeat(32);
const B = 'cd'.repeat(32);

describe('listedChecksum', () => {
  it.each([
    ['as sha256sum writes it', `${B}  other\n${A}  file.tar.gz\n`, A],
    ['in binary mode, with Windows line ends', `${A} *file.tar.gz\r\n`, A],
    ['in capitals', `${A.toUpperCase()}  file.tar.gz`, A],
    ['twice alike', `${A}  file.tar.gz\n${A}  file.tar.gz\n`, A],
    ['with two values', `${A}  file.tar.gz\n${B}  file.tar.gz\n`, undefined],
    ['as the end of another name', `${A}  other-file.tar.gz\n`, undefined],
    ['as the start of another name', `${A}  file.tar.gz.sbom\n`, undefined],
    ['in a folder', `${A}  x/file.tar.gz\n`, undefined],
    ['with too short a value', `${A.slice(1)}  file.tar.gz\n`, undefined],
    ['with one blank', `${A} file.tar.gz\n`, undefined],
    ['with more behind it', `${A}  file.tar.gz evil\n`, undefined],
    ['nowhere', '', undefined],
  ])('reads a file that stands there %s', (_, text, expected) => {
    expect(listedChecksum(text, 'file.tar.gz')).toBe(expected);
  });
});
