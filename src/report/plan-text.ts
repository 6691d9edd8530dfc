import { formatPlatform } from '../model/descriptor.ts';
import type { ImageSource, Plan, PlannedImage, PlannedTag } from '../model/plan.ts';
import { formatReference, formatRepository } from '../model/reference.ts';
import { count, oneLine } from './format.ts';
import { jobsOf, runnerWords } from './jobs.ts';
import { moduleLines } from './modules.ts';

/** The plan as lines of the log: what will be made, under which names, and by which steps. */
export function planText(plan: Plan): readonly string[] {
  return [
    ...heading(plan),
    ...(isMove(plan)
      ? []
      : [
          ...plan.images.flatMap((image) => imageLines(image, plan)),
          ...(plan.command === 'build' ? [] : channelLines(plan)),
          ...jobLines(plan),
        ]),
    ...(plan.released ?? []).map(
      (ref) => `${formatReference(ref)} was released from another commit, and is left as it is.`,
    ),
    ...moduleLines(plan.modules),
    'Steps:',
    ...stepLines(plan),
    ...problemLines(plan),
  ];
}

function heading(plan: Plan): readonly string[] {
  if (isMove(plan)) return moveHeading(plan);
  const what = versionWords(plan);
  const kind = plan.prerelease ? ' (a prerelease)' : '';
  const dirty = plan.dirty ? ' The working tree differs from it.' : '';
  const mode = plan.dryRun ? ' This is a dry run: nothing will be written.' : '';
  const part = plan.shard === undefined ? '' : ` This job makes its shard ${plan.shard}.`;
  return [
    `This ${plan.event} event is ${what}${kind} of ${count(plan.images.length, 'image')}.${part}${mode}`,
    `The commit is ${plan.revision}, of ${new Date(plan.sourceDateEpoch * 1000).toISOString()}.${dirty}`,
  ];
}

function versionWords({ version, images }: Plan): string {
  if (version !== undefined) return `version ${version.raw}`;
  const own = images.flatMap((image) => (image.version === undefined ? [] : [image.version.raw]));
  return own.length > 0 ? 'a version of each module' : 'a build without a version';
}

/** Whether the plan moves channels alone. */
function isMove({ command }: Plan): boolean {
  return command === 'promote' || command === 'rollback';
}

function moveHeading({ command, channels, images, dryRun, version }: Plan): readonly string[] {
  const [move] = channels.promotions;
  const how = command === 'rollback' ? 'back' : 'forward';
  const named = version === undefined ? '' : ` What is promoted becomes ${version.raw}.`;
  const mode = dryRun ? ' This is a dry run: nothing will be written.' : '';
  return [
    `The channel ${move?.channel ?? ''} is to go ${how} on ${count(images.length, 'image')}.${named}${mode}`,
    ...images.flatMap(({ name, repositories }) =>
      repositories.map((repository) => `Image ${name}: ${formatRepository(repository)}`),
    ),
  ];
}

function imageLines(image: PlannedImage, { command }: Plan): readonly string[] {
  const platforms = image.platforms.map(formatPlatform).join(', ') || 'the default of the builder';
  const rest = image.partial === true ? ' (other jobs make the rest)' : '';
  const parents = image.parents.length === 0 ? '' : `, on top of ${image.parents.join(', ')}`;
  return [
    `Image ${image.name}: ${sourceWords(image.source)}${parents}; platforms: ${platforms}${rest}.`,
    ...image.repositories.flatMap((repository) =>
      image.tags.length === 0 || command === 'build'
        ? [`  ${formatRepository(repository)} (by digest, without a tag)`]
        : image.tags.map((tag) => `  ${formatReference({ repository, tag: tag.tag })} (${tagWords(tag)})`),
    ),
  ];
}

/** `built from target base`, `taken from docker-daemon REF`. */
export function sourceWords(source: ImageSource): string {
  switch (source.kind) {
    case 'bake':
      return oneLine(`built from target ${source.target}`);
    case 'docker-daemon':
    case 'registry':
      return oneLine(`taken from ${source.kind} ${source.reference}`);
    case 'oci-layout':
    case 'oci-archive':
    case 'docker-archive':
      return oneLine(`taken from ${source.kind} ${source.path}`);
  }
}

/** `immutable, from version`, `moving, forward only, from type=semver,…`. */
export function tagWords({ kind, rule, from }: PlannedTag): string {
  const rules = { required: '', 'if-free': ', only if free', forward: ', forward only', always: '' };
  return `${kind}${rules[rule]}, from ${oneLine(from)}`;
}

function channelLines({ channels: { promotions, spared } }: Plan): readonly string[] {
  return [
    ...promotions.map(({ channel, aliases, reason }) => {
      const follow = aliases.length === 0 ? '' : `, and with it ${aliases.join(', ')}`;
      return `Channel ${channel} moves${follow}: ${oneLine(reason)}.`;
    }),
    ...spared.map(({ channel, reason }) => `Channel ${channel} stays: ${oneLine(reason)}.`),
  ];
}

/** Where there is a choice: all images in one job is no news. */
function jobLines(plan: Plan): readonly string[] {
  const jobs = jobsOf(plan);
  return jobs.length < 2
    ? []
    : jobs.map(({ shard, runner, images, platforms }) => {
        const where = platforms === '' ? '' : ` for ${platforms}`;
        return oneLine(`Job ${shard} on ${runnerWords(runner)}: ${images}${where}.`);
      });
}

function stepLines(plan: Plan): readonly string[] {
  const width = Math.max(...plan.steps.map(({ id }) => id.length), 0);
  return plan.steps.map(({ id, do: decision, reason }) =>
    `  ${id.padEnd(width)}  ${decision.padEnd('simulate'.length)}  ${oneLine(reason)}`.trimEnd(),
  );
}

function problemLines(plan: Plan): readonly string[] {
  if (plan.problems.length === 0) return [];
  return [
    'Problems:',
    ...plan.problems.flatMap(({ code, message, hint }) => [
      `  ${code}: ${oneLine(message)}`,
      `    ${oneLine(hint)}`,
    ]),
  ];
}
