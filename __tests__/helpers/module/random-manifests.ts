import { pick } from '../random.ts';
import { aManifest } from './module-files.ts';

type Json = Record<string, unknown>;

/** Values that mean something to some rule, and shapes that none expects. */
const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    1,
    -1,
    2.5,
    900,
    20_000,
    1e300,
    '',
    'a',
    'docker',
    'lambda',
    'pipeline',
    'with-ui',
  ],
  ...['1.2', '*', 'delete', 'a:b', '1024', 'constructor', '__proto__', [], {}, [1], ['a'], ['a', 'a'], [[]]],
  ...[
    [{}],
    [null],
    { a: 1 },
    { type: 'object' },
    { type: 'string' },
    { a: { type: 'string', required: true } },
  ],
  ...[{ $ref: '#' }, { $ref: '#/x' }, { properties: { a: {} } }, { required: ['a'] }],
  { name: 'x', description: 'y', entrypoint: 'a:b' },
];

const NAMES =
  `schemaVersion name version type computeType compute_type description tags author execution resources
  permissions inputs outputs ui pricing mcp scope metadata environment_variables data_requirements input_template
  entrypoint database network requiredRoles storage timeout memory maxRuntimeSeconds environment tools tiers amountAct
  tier properties default supports toString`.split(/\s+/);

/** The base with one to three places changed at random. */
export function randomManifest(random: () => number): Json {
  const manifest = aManifest();
  if (random() < 0.3) manifest.permissions = { requiredRoles: ['user'] };
  if (random() < 0.3) {
    const tool = { name: 'ab', description: '', entrypoint: 'a:b', inputSchema: { type: 'object' } };
    manifest.mcp = { tools: [tool] };
  }
  for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes -= 1) {
    const holder = pick(random, holdersIn(manifest));
    const names = Object.keys(holder);
    const kind = random();
    if (kind < 0.2 && names.length > 0) delete holder[pick(random, names)];
    else if (kind < 0.7 && names.length > 0)
      holder[pick(random, names)] = structuredClone(pick(random, VALUES));
    else if (!Array.isArray(holder)) holder[pick(random, NAMES)] = structuredClone(pick(random, VALUES));
  }
  return JSON.parse(JSON.stringify(manifest));
}

/** Every object and list of a value. */
function holdersIn(value: unknown): readonly Json[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Json, ...Object.values(value).flatMap(holdersIn)];
}
