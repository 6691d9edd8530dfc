import * as z from 'zod/mini';
import type { Descriptor } from '../../model/descriptor.ts';
import { decodeManifest } from '../../model/manifest.ts';
import { inForm } from './form.ts';

/** https://trivy.dev/latest/docs/advanced/self-hosting/ */
const LAYER = 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** A new database comes every six hours; two days after it was due, something is wrong with its source. */
const LATE_MS = 48 * HOUR_MS;
const OLD_MS = 7 * DAY_MS;
/** What was fetched is not used when it is older: a verdict by it would say little of today. */
const TOO_OLD_MS = 14 * DAY_MS;

const date = z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text))));
const metadata = z.object({ Version: z.literal(2), NextUpdate: date, UpdatedAt: date });

export type Metadata = { readonly updatedAt: Date; readonly nextUpdate: Date };

/** metadata.json beside trivy.db; throws a plain Error when it is of another schema. */
export function parseMetadata(text: string): Metadata {
  const { UpdatedAt, NextUpdate } = inForm(metadata, JSON.parse(text), 'metadata.json: ');
  return { updatedAt: new Date(UpdatedAt), nextUpdate: new Date(NextUpdate) };
}

export type Age = { readonly state: 'fresh' | 'late' | 'old' | 'too-old'; readonly days: number };

export function ageOf({ updatedAt, nextUpdate }: Metadata, now: Date): Age {
  const age = now.getTime() - updatedAt.getTime();
  const days = Math.floor(age / DAY_MS);
  if (age > TOO_OLD_MS) return { state: 'too-old', days };
  if (age > OLD_MS) return { state: 'old', days };
  return { state: now.getTime() - nextUpdate.getTime() > LATE_MS ? 'late' : 'fresh', days };
}

/** The layer that holds the database; throws a plain Error when the manifest is of something else. */
export function databaseLayer(manifest: Uint8Array): Descriptor {
  const decoded = decodeManifest(manifest);
  const layers = decoded.kind === 'manifest' ? decoded.layers : [];
  const layer = layers.find(({ mediaType }) => mediaType === LAYER);
  if (layer === undefined) throw new Error('the manifest holds no vulnerability database');
  return layer;
}
