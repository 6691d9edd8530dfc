import type { ActionRun } from '../../helpers/run-action.ts';
import { filesOf } from './judges.ts';

/**
 * Where a secret of this run can be read in any of its usual forms: in the log, the summary, the outputs, or a file that
 * the run left behind. Lines that tell the runner what to mask are the runner's alone and do not count.
 */
export function leaksOf(run: ActionRun, secrets: readonly string[]): readonly string[] {
  const forms = secrets.flatMap(formsOf);
  return Object.entries(placesOf(run)).flatMap(([place, text]) =>
    forms.filter(({ form }) => text.includes(form)).map(({ name }) => `${place}: ${name}`),
  );
}

function formsOf(secret: string): readonly { readonly name: string; readonly form: string }[] {
  return [
    { name: secret, form: secret },
    { name: `base64(${secret})`, form: Buffer.from(secret).toString('base64').replace(/=+$/, '') },
    { name: `url(${secret})`, form: encodeURIComponent(secret) },
  ];
}

function placesOf(run: ActionRun): Readonly<Record<string, string>> {
  const log = `${run.log}\n${run.post?.log ?? ''}`.split('\n');
  return {
    log: log.filter((line) => !line.startsWith('::add-mask::')).join('\n'),
    summary: run.summary,
    outputs: JSON.stringify(run.outputs),
    ...Object.fromEntries([...filesOf(run.temp)].map(([path, bytes]) => [path, bytes.toString('latin1')])),
  };
}
