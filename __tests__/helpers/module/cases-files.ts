import { type Case, changed, changedWith, FAILS, written } from './a-case.ts';
import { MAIN, moduleFiles, put } from './module-files.ts';

const base = moduleFiles();
const text = String(base['manifest.json']);
const requirements = (name: string, content: string | Uint8Array | null | undefined) =>
  changedWith(`requirements ${name}`, { 'backend/requirements.txt': content });
const locked = (name: string, authored: string, lock: string | null) =>
  changedWith(`lock ${name}`, {
    'backend/requirements.txt': authored,
    'backend/requirements.lock.txt': lock,
  });
const ui = (name: string, files: Readonly<Record<string, string | null>>) =>
  changedWith(`with-ui ${name}`, files, put('/type', 'with-ui'));
const pipeline = (name: string, files: Readonly<Record<string, string | null>>) =>
  changedWith(`pipeline ${name}`, files, put('/computeType', 'pipeline'));
const entry = (name: string, entrypoint: string, files: Readonly<Record<string, string>> = {}) =>
  changedWith(`entrypoint ${name}`, files, put('/execution/entrypoint', entrypoint));

const HASH = `--hash=sha256:${'0'.repeat(64)}`;

/** Files of the module. */
export const FILE_CASES: readonly Case[] = [
  { name: 'no backend', files: { 'manifest.json': text, 'examples/a.json': '{}' }, differs: {} },
  changedWith('no main.py', { 'backend/main.py': undefined }),
  changedWith('no examples', { 'examples/sample.json': undefined }),
  changedWith('examples a file', { 'examples/sample.json': undefined, examples: '' }),
  changedWith(
    'nothing but the manifest',
    Object.fromEntries(Object.keys(base).map((path) => [path, path === 'manifest.json' ? text : undefined])),
  ),
  entry('of another file', 'backend.other:PeptideCounter', { 'backend/other.py': MAIN }),
  entry('of a missing file', 'backend.gone:PeptideCounter'),
  entry('outside of backend', 'module:PeptideCounter', { 'module.py': MAIN }),
  entry('with blanks', ' backend.main :PeptideCounter'),
  entry('with a slash', 'backend/main:PeptideCounter'),
  entry('with two colons', 'backend.main:A:B'),
  entry('without a module', ':PeptideCounter'),
  requirements('absent', undefined),
  requirements('empty', ''),
  requirements('a folder', null),
  requirements('not UTF-8', new Uint8Array([0xff, 0xfe, 0x0a])),
  requirements('unpinned', 'numpy\n'),
  requirements('ranged', 'numpy>=2\n'),
  requirements('with a marker', 'numpy==2.1.0; python_version >= "3.9"\n'),
  requirements('pinned only in the marker', 'numpy; python_version == "3.9"\n'),
  requirements('a URL', 'pkg @ https://example.com/pkg.whl\n'),
  requirements('an option', '-r other.txt\n'),
  requirements('hashes', `numpy==2.1.0 \\\n    ${HASH}\n`),
  requirements('with a form feed', '# a\fnumpy\n'),
  requirements('with a byte order mark', '\uFEFF# a comment\n'),
  requirements('with a no-break space', '\u00a0# a comment\n'),
  requirements('with a comment behind', 'numpy==2.1.0 # why\n'),
  locked('that fits', 'numpy==2.1.0\n', `numpy==2.1.0 \\\n    ${HASH}\nother==1\n`),
  locked('of another version', 'numpy==2.1.0\n', 'numpy==2.1.1\n'),
  locked('of an equal version', 'numpy==2.1\n', 'NumPy==2.1.0\n'),
  locked('without it', 'numpy==2.1.0\n', 'other==1\n'),
  locked('not exact', 'numpy==2.1.0\n', 'numpy>=2.1.0\n'),
  locked('with an option', 'numpy==2.1.0\n', '-r other.txt\nnumpy==2.1.0\n'),
  locked('with a wrong line', 'numpy==2.1.0\n', 'numpy==2.1.0\n!\n'),
  locked('with a wildcard', 'numpy==2.*\n', 'numpy==2.1.0\n'),
  locked('with a wildcard that misses', 'numpy==3.*\n', 'numpy==2.1.0\n'),
  locked('with extras', 'pkg[B,a]==1\n', 'pkg[a,b]==1\n'),
  locked('with other extras', 'pkg[a]==1\n', 'pkg==1\n'),
  locked('with a marker', "pkg==1; python_version>='3.9'\n", 'pkg==1 ; python_version >= "3.9"\n'),
  locked('with another marker', 'pkg==1; python_version >= "3.9"\n', 'pkg==1\n'),
  locked('with a wrong marker', 'pkg==1; python >= "3.9"\n', 'pkg==1\n'),
  locked('with ranges too', 'pkg==1.5,<2,!=1.4\n', 'pkg==1.5\n'),
  locked('with a range that misses', 'pkg==1.5,<1.5\n', 'pkg==1.5\n'),
  locked('with a compatible release', 'pkg==1.5,~=1.4\n', 'pkg==1.5.0\n'),
  locked('of a URL', 'pkg @ https://example.com/a==1.whl\n', 'pkg @ https://example.com/a==1.whl\n'),
  locked('of another URL', 'pkg @ https://example.com/a==1.whl\n', 'pkg @ https://example.com/b==1.whl\n'),
  locked('of a local version', 'pkg==1.0\n', 'pkg==1.0+cpu\n'),
  locked('of a prerelease', 'pkg==1.0rc1,<1.0\n', 'pkg==1.0rc1\n'),
  locked('of a post release', 'pkg==1.0.post1,>1.0\n', 'pkg==1.0.post1\n'),
  locked('in arbitrary equality', 'pkg===1.0\n', 'pkg==1.0\n'),
  locked('that is empty', '# nothing\n', ''),
  changedWith('lock a folder', { 'backend/requirements.lock.txt': null }),
  ui('complete', { 'frontend/index.tsx': '' }),
  ui('without frontend', {}),
  ui('without entry', { 'frontend/package.json': '{}' }),
  ui('of a pipeline', { 'ui/src/index.tsx': '' }),
  ui('of a pipeline without entry', { 'ui/package.json': '{}' }),
  changedWith(
    'with-ui of old',
    { 'frontend/index.tsx': '' },
    put('/type', 'with-ui'),
    put('/ui', { runtime: 'x', frame: {} }),
  ),
  changed('no-ui with a ui of old', put('/ui', { protocol: 1 })),
  pipeline('without folder', {}),
  pipeline('complete', { 'pipeline/main.nf': '', 'pipeline/nextflow_schema.json': '{}' }),
  pipeline('without main.nf', { 'pipeline/nextflow_schema.json': '{}' }),
  pipeline('without schema', { 'pipeline/main.nf': '' }),
  pipeline('with handler', { 'pipeline/main.nf': '', 'backend/handler.py': '@pipeline_module.handler\n' }),
  pipeline('with a handler of its own', { 'pipeline/main.nf': '', 'backend/handler.py': 'pass\n' }),
  written('manifest empty', ''),
  written('manifest blank', ' \n'),
  written('manifest no JSON', '{"name": }'),
  written('manifest cut', text.slice(0, -1)),
  written('manifest with a comment', text.replace('{', '{ // a comment')),
  written('manifest with a comma too many', text.replace(/\n}$/, ',\n}')),
  written('manifest with single quotes', text.replaceAll('"', "'")),
  written('manifest with a byte order mark', `\uFEFF${text}`),
  written('manifest with text behind', `${text}\n{}`),
  written('manifest with a raw tab in a text', text.replace('Counts', 'Counts\t')),
  written('manifest a list', '[]', FAILS),
  written('manifest a text', '"manifest"', FAILS),
  written('manifest a number', '1', FAILS),
  written('manifest null', 'null', {
    '2.1': 'the validator takes null for a missing file',
    '6': 'the validator takes null for a missing file',
  }),
  written('manifest an empty object', '{}'),
  written('manifest not UTF-8', Buffer.from(text.replace('Counts', 'Z\u00e4hlt'), 'latin1'), FAILS),
  written('manifest nested 100,000 deep', '['.repeat(100_000), FAILS),
  written('memory 1024.0', text.replace('"memory": 1024', '"memory": 1024.0')),
  written('memory 1e3', text.replace('"memory": 1024', '"memory": 1e3')),
  written('a name twice', text.replace('"name"', '"name": "X",\n  "name"')),
  written('NaN', text.replace('0.5', 'NaN'), {
    '2.1': 'NaN is no JSON, and a publish would fail',
    '6': 'NaN is no JSON, and a publish would fail',
  }),
  written('an integer beyond 2^53', text.replace('0.5', '9007199254740993')),
  written(
    'a name like a built-in one',
    text.replace('"tags"', '"__proto__": {"name": 1},\n  "constructor": 1,\n  "tags"'),
  ),
];
