import { ReleaseError } from '../../model/errors.ts';
import type { Tool } from '../../model/tool.ts';
import type { Ports } from '../../ports/index.ts';
import { askVersion } from './ask-version.ts';
import { CATALOGUE, unfitness } from './catalogue.ts';
import { downloadTool } from './download.ts';
import { cachePlace, isRefused, pinnedVersion, refuseUnfit, type ToolSpec } from './spec.ts';

export type { ProveFile, ToolSpec } from './spec.ts';

type ToolPorts = Pick<Ports, 'exec' | 'files' | 'download' | 'sigstore' | 'log'>;

/**
 * A scanner that runs: the given path; else one on PATH that is fit; else the runner's tool cache; else a download of
 * the pinned version, run only after its SHA-256 was found right. Throws TOOL_MISSING, TOOL_UNVERIFIED, SIGSTORE_UNAVAILABLE.
 */
export async function acquireTool(spec: ToolSpec, ports: ToolPorts): Promise<Tool> {
  const tool =
    spec.path === undefined
      ? ((await fromPath(spec, ports)) ??
        (await fromToolCache(spec, ports)) ??
        (await downloadTool(spec, ports)))
      : await given(spec, spec.path, ports);
  ports.log.info(`${CATALOGUE[spec.name].title} ${tool.version} comes from ${tool.from}.`);
  ports.log.debug(`${CATALOGUE[spec.name].title} runs from ${tool.path}.`);
  return tool;
}

async function given(spec: ToolSpec, path: string, ports: ToolPorts): Promise<Tool> {
  const { name } = spec;
  const version = await askVersion(name, path, ports);
  if (version === undefined)
    throw new ReleaseError('TOOL_MISSING', `${name}-path does not run as ${name}: ${path}`, {
      hint: `Point \`${name}-path\` at the executable file of ${CATALOGUE[name].title}.`,
    });
  refuseUnfit(name, version, path);
  return { name, version: version.raw, path, from: `${name}-path` };
}

async function fromPath(spec: ToolSpec, ports: ToolPorts): Promise<Tool | undefined> {
  const { name } = spec;
  const path = await ports.exec.which(name);
  if (path === undefined) return undefined;
  const version = await askVersion(name, path, ports);
  if (version !== undefined && isRefused(name, version)) refuseUnfit(name, version, path);
  const why = version === undefined ? 'of no known version' : unfitness(name, version);
  if (version !== undefined && why === undefined) return { name, version: version.raw, path, from: 'PATH' };
  ports.log.info(`${CATALOGUE[name].title} on PATH is not used, because it is ${why}: ${path}.`);
  return undefined;
}

async function fromToolCache(spec: ToolSpec, ports: ToolPorts): Promise<Tool | undefined> {
  const { name } = spec;
  const place = cachePlace(spec);
  if (place === undefined || !(await ports.files.exists(place.marker))) return undefined;
  const version = await askVersion(name, place.path, ports);
  if (version === undefined || version.raw !== pinnedVersion(spec).raw) return undefined;
  refuseUnfit(name, version, place.path);
  return { name, version: version.raw, path: place.path, from: 'the tool cache' };
}
