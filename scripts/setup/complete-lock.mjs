/**
 * `node scripts/setup/complete-lock.mjs`, after a package was added: adds to package-lock.json the optional packages for
 * other kinds of machines that npm left out, which it does where a mirror of the registry does not hold them. `npm ci`
 * refuses a lock file without them. Their versions are those that the packages which ask for them name.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
const lock = JSON.parse(readFileSync(path, 'utf8'));
const packages = Object.entries(lock.packages);
const present = new Set(packages.map(([name]) => name));

for (const [parent, { optionalDependencies = {}, dev }] of [...packages]) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const place = `node_modules/${name}`;
    if (present.has(place) || present.has(`${parent}/${place}`)) continue;
    present.add(place);
    const { os, cpu, libc } = machine(name);
    // The order of the fields is npm's own.
    packages.push([place, { version, cpu, dev, libc, optional: true, os }]);
    console.log(`Added ${name} ${version}.`);
  }
}

packages.sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(packages);
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);

/** Such a package is named after its kind of machine, so that npm can leave it out on all others. */
function machine(name) {
  const words = name.split(/[-/]/);
  const one = (known) => {
    const word = words.find((word) => known.includes(word));
    return word && [word];
  };
  return {
    os: one(['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']),
    cpu: one(['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64']),
    libc: words.some((word) => /^musl/.test(word))
      ? ['musl']
      : words.some((word) => /^gnu/.test(word))
        ? ['glibc']
        : undefined,
  };
}
