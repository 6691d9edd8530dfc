import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import { configInputs } from '../../scripts/generate/config-schema.ts';
import { generated } from '../../scripts/generate.ts';
import { topKeys } from '../../src/inputs/config.ts';
import { inputSpec } from '../../src/inputs/names.ts';
import { door } from '../helpers/read-door.ts';

const PATH = 'schema/module-release.schema.json';
const committed = readFileSync(join(import.meta.dirname, '../..', PATH), 'utf8');
const schema = JSON.parse(committed);
const judge = z.fromJSONSchema(schema);

describe('the JSON Schema of the config file', () => {
  it('is what `npm run generate` makes of the Zod schema', () => {
    expect(committed).toBe(generated()[PATH]);
  });

  it('has the keys that the door knows, each described', () => {
    expect(Object.keys(schema.properties)).toEqual(topKeys());
    for (const name of configInputs()) {
      expect(schema.properties[name].description).toBe(inputSpec(name).description);
    }
  });

  it.each([
    'password',
    'registry-auth',
    'github-token',
    'secrets',
    'command',
    'dry-run',
    'trivy-path',
    'syft-path',
    'registry-insecure',
  ])('has no %s', (name) => {
    expect(schema.properties).not.toHaveProperty(name);
    expect(schema.properties.gate.properties).not.toHaveProperty(name);
  });

  it.each([
    ['{}', true],
    ['registry: ghcr.io', true],
    ['registry: [ghcr.io, docker.io]', true],
    ['platforms: [linux/amd64]\nmanifest: false\npull: true', true],
    ['labels: { a: b }\nannotations: ["index:a=b"]\ntags: ["type=sha"]', true],
    [
      'images: { a: { context: ., contexts: { b: "docker-image://x" }, args: { A: "1" }, platforms: [linux/amd64] } }',
      true,
    ],
    ['bake: { file: docker-bake.hcl, targets: [app], names: { app: my-app } }', true],
    [
      'gate: { scanners: [vuln, secret], severity: [HIGH], ignore-unfixed: true, scan-timeout: 10m, sbom: both }',
      true,
    ],
    ['publish: true', true],
    [
      'publish: { env: dev, scope: org, when: { tag: "v*" }, prerelease: true, wait: true, timeout: 5m }',
      true,
    ],
    ['publish: { webhook: "https://deploy.example.com/hook" }', true],
    ['publish: { env: test }', false],
    ['publish: { token: x }', false],
    ['publish: { when: { tags: "v*" } }', false],
    ['publish: { when: schedule }', false],
    ['publish-token: x', false],
    ['publish-key: x', false],
    ['publish-url: "https://x.example.com"', false],
    ['severitty: HIGH', false],
    ['severity: [HIHG]', false],
    ['scanners: [{ a: b }]', false],
    ['pull: maybe', false],
    ['version: 1.2', false],
    ['labels: { a: 1 }', false],
    ['images: { My_App: {} }', false],
    ['images: { a: { contxt: . } }', false],
    ['images: []', false],
    ['bake: { fiel: x }', false],
    ['gate: { severity: [HIHG] }', false],
    ['gate: { scope: shard }', true],
    ['gate: { scope: image }', false],
    ['runners: { linux/amd64: ubuntu-latest, linux/arm64: [self-hosted, arm64] }', true],
    ['runners: { linux/arm/v7: { labels: "self-hosted,arm", jobs: 2 } }', true],
    ['runners: { linux: ubuntu-latest }', false],
    ['runners: { linux/amd64: { labels: x, jobs: 0 } }', false],
    ['runners: { linux/amd64: { jobs: 2 } }', false],
    ['runners: { linux/amd64: { label: x } }', false],
    ['runners: { linux/amd64: 3 }', false],
    ['runners: [ubuntu-latest]', false],
    ['password: x', false],
  ])('and the door agree on %j: %s', (config, ok) => {
    expect(judge.safeParse(parse(config)).success).toBe(ok);
    expect(door({ config }).ok).toBe(ok);
  });
});
