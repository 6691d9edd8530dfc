import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ChannelDocument, ChannelEntry } from '../../src/model/promotion.ts';
import { contentOf, writesOf } from '../helpers/e2e-bench.ts';
import { type ChannelBench, channelBench } from './helpers/channel-bench.ts';
import { judge } from './helpers/judges.ts';

/** Whoever can write a record must not get tags moved in repositories that are not this run's. */
let bench: ChannelBench;

beforeAll(async () => {
  bench = await channelBench();
  await bench.release('1.0.0');
  await bench.release('1.1.0');
  const copy = (from: string, to: string) =>
    judge('crane', 'copy', '--insecure', `${bench.home}/${from}`, `${bench.registry.host}/${to}`);
  // The images of others, at the release that is live, and an image of ours that the config no longer has.
  for (const name of ['one', 'two']) await copy(`${name}:1.1.0`, `victim/${name}:prod`);
  for (const name of ['one', 'two', 'old']) await copy('two:1.0.0', `victim/${name}:1.0.0`);
  await copy('one:1.0.0', 'victim/one:1.0.0');
  await copy('two:1.0.0', 'acme/old:1.0.0');
});
afterAll(() => bench.dispose());

/** Every image lies with the victim, so it says, and there is one more. */
function elsewhere<T extends ChannelEntry>(entry: T): T {
  const host = bench.registry.host;
  const images = entry.images.map((each) => ({
    ...each,
    repository: `${host}/victim/${each.image}`,
    mirrors: [`${host}/victim/${each.image}`],
  }));
  const [, two] = images;
  if (two === undefined) throw new Error('no second image');
  return { ...entry, images: [...images, { ...two, image: 'old', repository: `${host}/victim/old` }] };
}

it('a rollback writes only where this run has its images, whatever repositories the record names', async () => {
  await bench.forge('prod', (document: ChannelDocument) => ({
    ...document,
    history: document.history.map(elsewhere),
  }));
  const victim = () =>
    Object.entries(contentOf(bench.registry)).filter(([repository]) => repository.startsWith('victim/'));
  const before = victim();
  expect(before).toHaveLength(3);
  const seen = bench.registry.requests.length;

  const run = await bench.move({ command: 'rollback', channel: 'prod', to: '1.0.0', require: 'none' });

  expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'rolled-back' } });
  const writes = writesOf(bench.registry.requests.slice(seen));
  expect(writes.filter((line) => line.includes('/victim/'))).toEqual([]);
  expect(victim()).toEqual(before);
  expect(bench.at('prod')).toEqual(bench.at('1.0.0'));
  expect(contentOf(bench.registry)['acme/old']?.tags).toMatchObject({ prod: bench.at('1.0.0')[1] });
  // What is recorded is where it was moved.
  const { images } = (await bench.record('prod')) as ChannelDocument;
  expect(images.map(({ repository, mirrors }) => [repository, mirrors])).toEqual(
    ['one', 'two', 'old'].map((name) => [`${bench.home}/${name}`, undefined]),
  );
});
