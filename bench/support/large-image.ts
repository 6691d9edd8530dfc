import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFiles } from '../../__tests__/helpers/git-repository.ts';
import { provideBusybox } from '../../scripts/setup/busybox.mjs';
import { incompressible, text } from './made-up-files.ts';

const MIB = 2 ** 20;

const DOCKERFILE = `FROM scratch
COPY system/ /
RUN ["/bin/busybox", "--install", "-s", "/bin"]
COPY models/ /opt/models/
COPY data/ /opt/data/
COPY library/ /usr/lib/library/
RUN ["/bin/sh", "-c", "find /opt /usr/lib -type f | wc -l > /etc/inventory"]
COPY packages/ /
`;

/**
 * Writes the context of one image of 120 MiB: 72 MiB that nothing compresses and 48 MiB of text, in five COPY and two RUN
 * layers, with 60 apk, 150 Python and 300 npm packages for the scanner.
 */
export async function writeLargeImage(folder: string): Promise<void> {
  writeFiles(folder, {
    Dockerfile: DOCKERFILE,
    'system/etc/os-release': 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.19.1\n',
    'system/etc/alpine-release': '3.19.1\n',
    'system/lib/apk/db/installed': numbers(60)
      .map((i) => `P:package-${i}\nV:1.${i}.0-r0\nA:x86_64\no:package-${i}\nL:MIT\n\n`)
      .join(''),
    ...many(18, (i) => [`models/part-${i}.bin`, incompressible(`model ${i}`, 2 * MIB)]),
    ...many(18, (i) => [`data/part-${i}.bin`, incompressible(`data ${i}`, 2 * MIB)]),
    ...many(96, (i) => [`library/text-${i}.txt`, text(`text ${i}`, MIB / 2)]),
    ...many(150, (i) => [
      `packages/usr/lib/python3.13/site-packages/package_${i}-1.${i}.0.dist-info/METADATA`,
      `Metadata-Version: 2.4\nName: package-${i}\nVersion: 1.${i}.0\nLicense: MIT\n`,
    ]),
    ...many(300, (i) => [
      `packages/app/node_modules/package-${i}/package.json`,
      JSON.stringify({ name: `package-${i}`, version: `2.${i}.1`, license: 'MIT' }),
    ]),
  });
  writeFiles(folder, { 'system/bin/.keep': '' });
  copyFileSync(await provideBusybox(), join(folder, 'system/bin/busybox'));
}

function many<T>(count: number, entry: (i: number) => readonly [string, T]): Record<string, T> {
  return Object.fromEntries(numbers(count).map(entry));
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}
