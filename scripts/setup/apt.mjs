/** Installs Debian and Ubuntu packages without upgrading, and without starting, anything. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logged, SetupError } from './run.mjs';

const LISTS = '/etc/apt/sources.list.d';
const SOURCES = `${LISTS}/module-release.sources`;
const PINS = '/etc/apt/preferences.d/module-release';
const POLICY = '/usr/sbin/policy-rc.d';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** `debian` or `ubuntu` where this script may install packages, which takes root; undefined elsewhere. */
export function aptSystem() {
  if (process.platform !== 'linux' || process.getuid() !== 0) return undefined;
  const id = osRelease('ID');
  return id === 'debian' || id === 'ubuntu' ? id : undefined;
}

export async function installPackages(packages) {
  console.error(`Installing with apt-get: ${packages.join(' ')}.`);
  if (packages.some((name) => name.includes('/'))) addLaterReleases();
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' };
  const apt = (...args) =>
    logged(`apt-${args[0]}`, 'apt-get', [...args, '-o', 'DPkg::Lock::Timeout=300'], { env });
  await apt('update');
  await withoutServices(() => apt('install', '--yes', '--no-install-recommends', ...packages));
}

/** Adds later Debian releases with so low a priority that only packages asked for by release come from them. */
function addLaterReleases() {
  if (existsSync(SOURCES)) return;
  const priorities = { trixie: 100, sid: 90 };
  // The machine's own release keeps its priority.
  const releases = Object.keys(priorities).filter((name) => name !== debianRelease());
  console.error(
    `Adding Debian ${releases.join(' and ')} to apt's sources with a low priority: ${SOURCES}, ${PINS}.`,
  );
  const source = ['Types: deb', `URIs: ${mirror()}`, `Suites: ${releases.join(' ')}`, 'Components: main'];
  const pins = releases.map(
    (name) => `Package: *\nPin: release n=${name}\nPin-Priority: ${priorities[name]}\n`,
  );
  writeFileSync(PINS, pins.join('\n'));
  writeFileSync(SOURCES, `${[...source, `Signed-By: ${KEYRING}`].join('\n')}\n`);
}

/** The mirror that this machine already uses for Debian, so that no host is written down here. */
export function mirror() {
  const files = ['/etc/apt/sources.list', ...readdirSync(LISTS).map((name) => join(LISTS, name))];
  const present = files.filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8'));
  const found = /^(?:URIs:|deb(?: \[.*\])?)\s+(\S+\/debian)\/?(?:\s|$)/m.exec(present.join('\n'));
  if (!found)
    throw new SetupError(
      "apt's sources on this machine name no mirror of Debian: add one, and run this again.",
    );
  return found[1];
}

/** A package may start its service when it is installed; policy-rc.d is how an administrator forbids that. */
async function withoutServices(action) {
  if (existsSync(POLICY)) return action();
  const allow = () => rmSync(POLICY, { force: true });
  process.once('exit', allow);
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await action();
  } finally {
    allow();
    process.off('exit', allow);
  }
}

/** `bookworm` */
export function debianRelease() {
  return osRelease('VERSION_CODENAME');
}

function osRelease(key) {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(text)?.[1];
}
