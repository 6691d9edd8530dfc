import { describe, expect, it } from '@jest/globals';
import { createLicenses } from '../../../../src/adapters/licenses/spdx.ts';
import { digestOf } from '../../../../src/model/digest.ts';
import { ReleaseError } from '../../../../src/model/errors.ts';
import type { BuiltImage } from '../../../../src/model/image.ts';
import { blobPath } from '../../../../src/model/image.ts';
import { encodeJson, MEDIA } from '../../../../src/model/manifest.ts';
import type { Command } from '../../../../src/ports/exec.ts';
import { createInspector, type ScanRequest } from '../../../../src/steps/inspect/run.ts';
import { fakeExec } from '../../../helpers/fake-exec.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { inspectImages } from '../../../helpers/inspect-images.ts';
import { type MemoryFiles, memoryFiles } from '../../../helpers/memory-files.ts';

const store = { root: '/stage' };
const licenses = createLicenses();

/** Images of one platform each, in the staging store of `files`. */
async function images(files: MemoryFiles, ...names: readonly string[]): Promise<readonly BuiltImage[]> {
  return Promise.all(
    names.map(async (name): Promise<BuiltImage> => {
      const config = { mediaType: MEDIA.ociConfig, digest: digestOf(name), size: 1 };
      const { bytes, descriptor } = encodeJson({ schemaVersion: 2, config, layers: [] }, MEDIA.ociManifest);
      await files.write(blobPath(store, descriptor.digest), bytes);
      const platforms = [{ platform: { os: 'linux', architecture: 'amd64' }, descriptor }];
      return {
        planned: {
          name,
          source: { kind: 'bake', target: name },
          repositories: [{ registry: 'ghcr.io', path: `acme/${name}` }],
          tags: [],
          platforms: [],
          labels: {},
          annotations: { index: {}, manifest: {} },
          parents: [],
        },
        store,
        top: descriptor,
        platforms,
        origin: 'built',
        size: 1,
      };
    }),
  );
}

function request(over: Partial<ScanRequest['gate']> = {}): ScanRequest {
  return {
    gate: {
      scanners: ['vuln', 'secret'],
      skipDirs: [],
      skipFiles: [],
      timeoutSeconds: 60,
      sbom: [],
      sbomGenerator: 'trivy',
      ...over,
    },
    trivy: { name: 'trivy', version: '0.69.3', path: '/bin/trivy', from: 'PATH' },
    syft: { name: 'syft', version: '1.44.0', path: '/bin/syft', from: 'PATH' },
    cache: {
      folder: '/tmp/trivy',
      database: { updatedAt: '2026-11-20T00:00:00Z', source: 'trivy-cache-dir' },
      javaRepositories: [],
      keepJavaDatabase: false,
    },
    reports: '/reports',
    offline: true,
  };
}

/** A tool that takes a turn of the event loop, and says when it began and ended. */
function scanner(files: MemoryFiles, events: string[], fail: (name: string) => boolean = () => false) {
  const nameOf = async (view: string): Promise<string> => {
    const manifest = JSON.parse(files.text(`${view}/index.json`)).manifests[0];
    const { config } = JSON.parse(files.text(blobPath(store, manifest.digest)));
    return ['a', 'b', 'c', 'd'].find((name) => digestOf(name) === config.digest) ?? '?';
  };
  const option = ({ args }: Command, name: string): string =>
    args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3) ?? '';
  return fakeExec().on('/bin/trivy image', async (command) => {
    const name = await nameOf(option(command, 'input'));
    events.push(`begin ${name}`);
    await new Promise((done) => setTimeout(done, 5));
    events.push(`end ${name}`);
    if (fail(name)) return { exitCode: 1, stderr: 'out of tape' };
    const report = {
      SchemaVersion: 2,
      ArtifactName: option(command, 'input'),
      ArtifactType: 'container_image',
      Metadata: { ImageID: digestOf(name) },
    };
    await files.write(option(command, 'output'), JSON.stringify(report));
    return {};
  });
}

describe('inspectImages', () => {
  it('scans one after another on one cache', async () => {
    const files = memoryFiles();
    const events: string[] = [];
    const exec = scanner(files, events);
    const { inspections } = await inspectImages(await images(files, 'a', 'b', 'c'), request(), {
      exec,
      files,
      log: fakeLog(),
    });
    expect(events).toEqual(['begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c']);
    expect(inspections.map(({ image }) => image.planned.name)).toEqual(['a', 'b', 'c']);
    expect(
      exec.calls.every(({ environment, cwd }) => environment === 'minimal' && cwd === '/tmp/run/scan'),
    ).toBe(true);
  });

  it('gives each platform a layout of its own beside the images', async () => {
    const files = memoryFiles();
    const [image] = await images(files, 'a');
    await inspectImages([image!], request(), { exec: scanner(files, []), files, log: fakeLog() });
    const view = `/stage/.views/${image!.top.digest.slice('sha256:'.length)}`;
    expect(files.text(`${view}/oci-layout`)).toBe('{"imageLayoutVersion":"1.0.0"}');
    expect(JSON.parse(files.text(`${view}/index.json`)).manifests).toEqual([image!.top]);
    expect(files.links.get(`${view}/blobs`)).toBe('../../blobs');
  });

  it('tells scanner and database', async () => {
    const files = memoryFiles();
    const ports = { exec: scanner(files, []), files, log: fakeLog() };
    const { scanner: told } = await inspectImages(await images(files, 'a'), request(), ports);
    expect(told).toEqual({
      name: 'trivy',
      version: '0.69.3',
      database: { updatedAt: '2026-11-20T00:00:00Z', source: 'trivy-cache-dir' },
    });
  });

  it('stops at the first failure, keeps the reports before it, and leaves nothing running', async () => {
    const files = memoryFiles();
    const events: string[] = [];
    const exec = scanner(files, events, (name) => name === 'b');
    const ports = { exec, files, log: fakeLog() };
    await expect(
      inspectImages(await images(files, 'a', 'b', 'c', 'd'), request(), ports),
    ).rejects.toMatchObject({
      code: 'SCAN_FAILED',
      message: 'the scan failed: b (linux/amd64): out of tape',
    });
    expect(events).toEqual(['begin a', 'end a', 'begin b', 'end b']);
    expect([...files.tree.keys()].filter((path) => path.startsWith('/reports/'))).toEqual([
      '/reports/a-linux-amd64.trivy.json',
    ]);
  });

  it('scans no bytes but those of the manifest', async () => {
    const files = memoryFiles();
    const [image] = await images(files, 'a');
    await files.write(blobPath(store, image!.top.digest), '{}');
    const ports = { exec: scanner(files, []), files, log: fakeLog() };
    await expect(inspectImages([image!], request(), ports)).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    });
    expect(ports.exec.calls).toEqual([]);
  });

  it('lets Syft work while Trivy scans', async () => {
    const files = memoryFiles();
    const events: string[] = [];
    const exec = scanner(files, events).on('/bin/syft scan', async () => {
      events.push('syft');
      await files.write(
        '/reports/sbom-a-amd64.spdx.json',
        JSON.stringify({ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'a', packages: [] }),
      );
      return {};
    });
    const how = request({ sbom: ['spdx'], sbomGenerator: 'syft' });
    const { inspections } = await inspectImages(await images(files, 'a'), how, {
      exec,
      files,
      log: fakeLog(),
    });
    expect(events.indexOf('syft')).toBeLessThan(events.indexOf('end a'));
    expect(inspections[0]!.platforms[0]!.reports.map(({ kind }) => kind)).toEqual(['scan', 'spdx']);
  });

  it.each([
    ['syft', /^\/bin\/syft/, { exitCode: 1, stderr: 'no catalogers' }, 'no catalogers'],
    ['trivy', /^\/bin\/trivy convert/, { exitCode: 1, stderr: 'bad input' }, 'bad input'],
    ['trivy', /^\/bin\/trivy convert/, {}, 'ENOENT'],
  ] as const)('fails when %s makes no document', async (sbomGenerator, argv, answer, text) => {
    const files = memoryFiles();
    const exec = scanner(files, []).on(argv, answer);
    const how = request({ sbom: ['spdx'], sbomGenerator });
    const failure = inspectImages(await images(files, 'a'), how, { exec, files, log: fakeLog() });
    await expect(failure).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message: expect.stringContaining(text),
    });
  });

  it('writes CycloneDX without a start of Trivy, and fails on a package that it cannot read', async () => {
    const files = memoryFiles();
    const [image] = await images(files, 'a');
    const reportWith = (Packages: readonly unknown[]) =>
      fakeExec().on('/bin/trivy image', async ({ args }) => {
        const [input, output] = ['input', 'output'].map(
          (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3) ?? '',
        );
        const report = {
          SchemaVersion: 2,
          ArtifactName: input,
          ArtifactType: 'container_image',
          Metadata: { ImageID: digestOf('a') },
          Results: [{ Target: 'Node.js', Class: 'lang-pkgs', Type: 'node-pkg', Packages }],
        };
        await files.write(output ?? '', JSON.stringify(report));
        return {};
      });
    const how = request({ sbom: ['cyclonedx'] });
    const exec = reportWith([{ Name: 'htm', Version: '3.1.1' }]);
    const { inspections } = await inspectImages([image!], how, { exec, files, log: fakeLog() });
    expect(inspections[0]!.platforms[0]!.reports.map(({ kind }) => kind)).toEqual(['scan', 'cyclonedx']);
    expect(exec.calls.map(({ args }) => args[0])).toEqual(['image']);
    expect(JSON.parse(files.text('/reports/sbom-a-amd64.cdx.json')).components).toMatchObject([
      { name: 'htm', version: '3.1.1' },
    ]);
    const failing = { exec: reportWith([{ Name: 'htm' }, { Name: 7 }]), files, log: fakeLog() };
    await expect(inspectImages([image!], how, failing)).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message: expect.stringContaining('Results.0.Packages.1.Name'),
    });
  });

  it('does not take a full disk for an SBOM that cannot be made', async () => {
    const files = memoryFiles();
    const full: MemoryFiles = {
      ...files,
      write: async (path, content) => {
        if (path.endsWith('.cdx.json')) throw new ReleaseError('DISK_LOW', 'no space left');
        await files.write(path, content);
      },
    };
    const exec = scanner(files, []);
    const how = request({ sbom: ['cyclonedx'] });
    const failure = inspectImages(await images(files, 'a'), how, { exec, files: full, log: fakeLog() });
    await expect(failure).rejects.toMatchObject({ code: 'DISK_LOW' });
  });

  it('says what an SBOM lacks without the scanner for vulnerabilities', async () => {
    const files = memoryFiles();
    const log = fakeLog();
    const how = request({ sbom: ['cyclonedx'], scanners: ['secret'] });
    await inspectImages(await images(files, 'a'), how, { exec: scanner(files, []), files, log });
    expect(log.lines.join()).toContain('lists no JAR files');
  });
});

describe('createInspector', () => {
  const bench = async (fail?: (name: string) => boolean) => {
    const files = memoryFiles();
    const events: string[] = [];
    const exec = scanner(files, events, fail);
    const log = fakeLog();
    const inspector = createInspector(Promise.resolve(request()), { exec, files, licenses, log });
    return { events, log, inspector, images: await images(files, 'a', 'b', 'c') };
  };
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise((done) => setTimeout(done, 1));
  };

  it('scans an image while the next one is not there yet, and each once', async () => {
    const { events, inspector, images } = await bench();
    inspector.begin(images[0]!);
    await until(() => events.includes('end a'));
    inspector.begin(images[1]!);
    const { inspections } = await inspector.scan(images);
    expect(events).toEqual(['begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c']);
    expect(inspections.map(({ image }) => image.planned.name)).toEqual(['a', 'b', 'c']);
  });

  const withDocuments = async (fail: boolean) => {
    const files = memoryFiles();
    const events: string[] = [];
    let finish = () => {};
    const documents = new Promise<void>((done) => {
      finish = done;
    });
    const exec = scanner(files, events).on('/bin/trivy convert', async ({ args }) => {
      await documents;
      events.push('document');
      if (fail) return { exitCode: 1, stderr: 'out of ink' };
      const output = args.find((arg) => arg.startsWith('--output='))?.slice(9) ?? '';
      await files.write(
        output,
        JSON.stringify({ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'a', packages: [] }),
      );
      return {};
    });
    const how = Promise.resolve(request({ sbom: ['spdx'] }));
    const inspector = createInspector(how, { exec, files, licenses, log: fakeLog() });
    return { events, finish, inspector, images: await images(files, 'a', 'b') };
  };

  it('has the findings while SBOMs are being made, and then those too, after the scan', async () => {
    const { events, finish, inspector, images } = await withDocuments(false);
    const { inspections } = await inspector.scan(images);
    const kindsOf = (each: (typeof inspections)[number]) =>
      each.platforms[0]?.reports.map(({ kind }) => kind);
    expect(inspections.map(kindsOf)).toEqual([['scan'], ['scan']]);
    expect(events).not.toContain('document');
    const judged = inspections.map(({ image, platforms }) => ({
      image,
      platforms: platforms.map((each) => ({
        ...each,
        reports: [...each.reports, { kind: 'sarif' as const, path: '/reports/a.sarif' }],
      })),
    }));
    const completing = inspector.complete(judged);
    finish();
    expect((await completing).map(kindsOf)).toEqual([
      ['scan', 'spdx', 'sarif'],
      ['scan', 'spdx', 'sarif'],
    ]);
  });

  it('tells of an SBOM that cannot be made when it is asked for, and leaves nothing running', async () => {
    const { events, finish, inspector, images } = await withDocuments(true);
    const { inspections } = await inspector.scan(images);
    finish();
    await expect(inspector.complete(inspections)).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message: expect.stringContaining('out of ink'),
    });
    expect(events.filter((event) => event === 'document').length).toBeGreaterThan(0);
  });

  it('leaves images alone that it has not looked into', async () => {
    const { finish, inspector, images } = await withDocuments(false);
    finish();
    const others = images.map((image) => ({ image, platforms: [] }));
    expect(await inspector.complete(others)).toEqual(others);
  });

  it('keeps the reports of the last bytes of an image that is made again', async () => {
    const files = memoryFiles();
    const [first, other] = await images(files, 'a', 'b');
    const exec = scanner(files, []).on('/bin/trivy convert', async ({ args }) => {
      const isFirst = args.at(-1)!.includes(first!.top.digest.slice('sha256:'.length));
      if (isFirst) await new Promise((done) => setTimeout(done, 30));
      const name = isFirst ? 'first' : 'last';
      const sbom = { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name, packages: [] };
      await files.write('/reports/sbom-a-amd64.spdx.json', JSON.stringify(sbom));
      return {};
    });
    const how = Promise.resolve(request({ sbom: ['spdx'] }));
    const inspector = createInspector(how, { exec, files, licenses, log: fakeLog() });
    const last = { ...other!, planned: first!.planned };
    inspector.begin(first!);
    inspector.begin(last);
    const { inspections } = await inspector.scan([last]);
    await inspector.complete(inspections);
    await inspector.abandon();
    expect(inspections.map(({ image }) => image)).toEqual([last]);
    expect(files.text('/reports/sbom-a-amd64.spdx.json')).toContain('"last"');
    expect(files.text('/reports/a-linux-amd64.trivy.json')).toContain(last.top.digest);
    expect(exec.calls.filter(({ args }) => args[0] === 'convert')).toHaveLength(2);
  });

  it('tells in the end what went wrong before', async () => {
    const { events, inspector, images } = await bench((name) => name === 'a');
    inspector.begin(images[0]!);
    await until(() => events.includes('end a'));
    await expect(inspector.scan(images)).rejects.toMatchObject({ code: 'SCAN_FAILED' });
    expect(events).toEqual(['begin a', 'end a']);
  });

  it('lets what runs end, and begins nothing more, when it is given up', async () => {
    const { events, inspector, images } = await bench();
    for (const image of images) inspector.begin(image);
    await until(() => events.includes('begin a'));
    await inspector.abandon();
    expect(events).toEqual(['begin a', 'end a']);
  });

  it('says what was found in the order of the images, when all is asked for', async () => {
    const { events, log, inspector, images } = await bench();
    inspector.begin(images[2]!);
    await until(() => events.includes('end c'));
    expect(log.lines).toEqual([]);
    await inspector.scan(images);
    expect(log.lines.map((line) => /\w \(linux/.exec(line)?.[0])).toEqual([
      'a (linux',
      'b (linux',
      'c (linux',
    ]);
  });
});
