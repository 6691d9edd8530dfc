import * as z from 'zod/mini';
import { integer, list, numberFrom, oneOfNumbers, text } from './checks.ts';

const strings = list(z.string());
const mode = z.enum(['interactive', 'async', 'workflow']);
export const FORMATS = z.enum(['JSON', 'CSV', 'PARQUET']);
/** A name that would be everything: unlike the validator we let no line end through. */
export const NAME = text({ min: 3, max: 50, pattern: /^[a-z0-9]([a-z0-9-]{1,48}[a-z0-9])?$/ });

/** Sizes that both generations know. */
export const RESOURCES = {
  memory: z.optional(oneOfNumbers([256, 512, 1024, 2048, 4096])),
  memoryMb: z.optional(integer({ min: 256 })),
  vcpus: z.optional(integer({ min: 1 })),
  gpu: z.optional(integer({ min: 0 })),
  ephemeralStorageGiB: z.optional(integer({ min: 10 })),
  timeout: z.optional(integer({ min: 3, max: 900 })),
  maxRuntimeSeconds: z.optional(integer({ min: 60, max: 14_400 })),
};

/** A value of an environment variable. */
export const SCALAR = z.union([z.string(), z.number(), z.boolean()]);

/** Fields that both generations judge alike. */
export const COMMON = {
  schemaVersion: z.optional(z.literal('1.0')),
  name: NAME,
  type: z.enum(['no-ui', 'with-ui']),
  description: z.optional(text({ max: 500 })),
  tags: z.optional(list(z.string(), { max: 10 })),
  author: z.optional(
    z.looseObject({
      name: text({ min: 1 }),
      email: z.optional(z.string()),
      organization: z.optional(z.string()),
    }),
  ),
  execution: z.looseObject({
    entrypoint: text({ min: 3 }),
    supports: z.optional(list(mode, { unique: true })),
    defaultMode: z.optional(mode),
  }),
  input_template: z.optional(z.looseObject({})),
  outputs: z.optional(z.nullable(z.looseObject({}))),
  pricing: z.optional(
    z.looseObject({
      tiers: z.optional(
        list(
          z.looseObject({
            tier: z.enum(['developer', 'foundational', 'advanced', 'strategic']),
            model: z.optional(z.enum(['subscription', 'usage-based'])),
            amountAct: numberFrom(0),
          }),
        ),
      ),
    }),
  ),
};

/** manifest.json of generation 2.1; names that it does not know are free everywhere. */
export const manifest21 = z.looseObject({
  ...COMMON,
  version: text({ pattern: /^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$/ }),
  computeType: z.optional(z.enum(['docker', 'fargate', 'batch', 'lambda', 'sagemaker'])),
  resources: z.optional(
    z.looseObject({ ...RESOURCES, environment: z.optional(z.record(z.string(), SCALAR)) }),
  ),
  permissions: z.optional(
    z.looseObject({
      database: z.optional(list(z.enum(['read', 'write', 'delete']), { unique: true })),
      storage: z.optional(z.boolean()),
      network: z.optional(strings),
    }),
  ),
  data_requirements: z.optional(
    z.looseObject({
      required_columns: z.optional(strings),
      min_rows: z.optional(integer({ min: 0 })),
      max_rows: z.optional(integer({ min: 1 })),
      supported_formats: z.optional(list(FORMATS)),
    }),
  ),
  inputs: z.optional(z.nullable(z.looseObject({}))),
  ui: z.optional(
    z.looseObject({
      bucket: z.optional(z.string()),
      bundleKey: z.optional(z.string()),
      keys: z.optional(strings),
    }),
  ),
});
