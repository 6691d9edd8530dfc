import { randomUUID } from 'node:crypto';
import type { Blobs } from './blobs.ts';

/** One attempt of a workflow run; the service knows it by this name, and a re-run gets another. */
export type Attempt = string;

export type ShelvedArtifact = {
  readonly id: number;
  readonly name: string;
  readonly attempt: Attempt;
  readonly job: string;
  /** Of the blob that holds its archive. */
  readonly blob: string;
  readonly createdAt: Date;
  /** Undefined until it is finalized. */
  readonly size?: number;
  readonly digest?: string;
};

/** Fields as protobuf's JSON has them: numbers of 64 bits are strings, and default values are left out. */
type Fields = Readonly<Record<string, unknown>>;

/** What a method of the service answers; `code` is Twirp's. https://twitchtv.github.io/twirp/docs/errors.html */
export type Told =
  | { readonly body: unknown }
  | { readonly status: number; readonly code: string; readonly msg: string };

type Shelf = {
  readonly blobs: Blobs;
  readonly artifacts: ShelvedArtifact[];
  /** All attempts of the run that one belongs to, with it. */
  readonly runOf: (attempt: Attempt) => readonly Attempt[];
  readonly signedUrl: (blob: string, rights: 'r' | 'w') => string;
  readonly tellsDigests: boolean;
};

const refused = (status: number, code: string, msg: string): Told => ({ status, code, msg });

/**
 * The methods of `github.actions.results.api.v1.ArtifactService` that clients call. A name is taken within one attempt of a
 * run; a list has what all attempts of the run have finalized.
 */
export function tell(method: string, fields: Fields, shelf: Shelf): Told {
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
  const attempt = text('workflow_run_backend_id');
  const name = text('name');
  const find = () =>
    shelf.artifacts.find((artifact) => artifact.attempt === attempt && artifact.name === name);
  switch (method) {
    case 'CreateArtifact': {
      if (name === '') return refused(400, 'invalid_argument', 'name is required');
      if (find() !== undefined)
        return refused(
          409,
          'already_exists',
          'an artifact with this name already exists on the workflow run',
        );
      const made = {
        id: 1000 + shelf.artifacts.length,
        name,
        attempt,
        job: text('workflow_job_run_backend_id'),
        blob: randomUUID(),
        createdAt: new Date(),
      };
      shelf.artifacts.push(made);
      return { body: { ok: true, signed_upload_url: shelf.signedUrl(made.blob, 'w') } };
    }
    case 'FinalizeArtifact': {
      const found = find();
      if (found === undefined) return refused(404, 'not_found', 'artifact not found');
      const size = shelf.blobs.size(found.blob);
      if (size === undefined) return refused(412, 'failed_precondition', 'nothing was uploaded');
      if (String(size) !== (fields.size ?? '0'))
        return refused(400, 'invalid_argument', `the size is ${size}, not ${fields.size}`);
      const hash = typeof fields.hash === 'string' ? { digest: fields.hash } : {};
      shelf.artifacts[shelf.artifacts.indexOf(found)] = { ...found, size, ...hash };
      return { body: { ok: true, artifact_id: String(found.id) } };
    }
    case 'ListArtifacts': {
      const run = shelf.runOf(attempt);
      const whole = shelf.artifacts.filter(
        (artifact) =>
          run.includes(artifact.attempt) &&
          artifact.size !== undefined &&
          (fields.id_filter === undefined || fields.id_filter === String(artifact.id)) &&
          (fields.name_filter === undefined || fields.name_filter === artifact.name),
      );
      return { body: { artifacts: whole.map((artifact) => listed(artifact, shelf.tellsDigests)) } };
    }
    case 'GetSignedArtifactURL': {
      const found = find();
      if (found?.size === undefined) return refused(404, 'not_found', 'artifact not found');
      return { body: { signed_url: shelf.signedUrl(found.blob, 'r') } };
    }
    default:
      return refused(404, 'bad_route', `no such method: ${method}`);
  }
}

function listed(artifact: ShelvedArtifact, tellsDigests: boolean): Fields {
  const { id, name, attempt, job, size, createdAt, digest } = artifact;
  return {
    workflow_run_backend_id: attempt,
    workflow_job_run_backend_id: job,
    database_id: String(id),
    name,
    size: String(size),
    created_at: createdAt.toISOString(),
    ...(tellsDigests && digest !== undefined ? { digest } : {}),
  };
}
