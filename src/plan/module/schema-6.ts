import * as z from 'zod/mini';
import { integer, list, text, without } from './checks.ts';
import { COMMON, FORMATS, RESOURCES, SCALAR } from './schema-21.ts';

const strings = list(z.string());
const sources = z.optional(integer({ min: 1, max: 16 }));

const role = z.looseObject({
  'x-hla-data-role': z.optional(
    z.enum([
      'selection.uri',
      'selection.view_id',
      'selection.ids',
      'selection.id_column',
      'selection.format',
      'selection.manifest_uri',
    ]),
  ),
});

const tool = z.looseObject({
  name: text({ min: 2, max: 64, pattern: /^[a-z0-9_]+$/ }),
  description: text({ max: 500 }),
  inputSchema: z.optional(z.looseObject({})),
  entrypoint: text({ min: 3 }),
});

/** manifest.json of generation 6. */
export const manifest6 = z
  .looseObject({
    ...COMMON,
    version: text({ pattern: /^(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})$/ }),
    scope: z.optional(z.enum(['org', 'public'])),
    computeType: z.optional(z.enum(['lambda', 'fargate', 'batch', 'pipeline'])),
    resources: z.optional(z.looseObject(RESOURCES)),
    environment_variables: z.optional(z.record(z.string(), SCALAR)),
    permissions: z.optional(
      z.strictObject({
        database: z.optional(z.literal(false)),
        requiredRoles: z.optional(
          list(z.enum(['user', 'developer', 'org_admin', 'platform_admin']), { unique: true }),
        ),
        catalogIngestion: z.optional(
          z.strictObject({
            catalogIdInput: text({ min: 1, max: 128 }),
            sourceUriInput: text({ min: 1, max: 128 }),
          }),
        ),
      }),
    ),
    data_requirements: z.optional(
      z.looseObject({
        source_composition: z.optional(z.enum(['single', 'named'])),
        min_sources: sources,
        max_sources: sources,
        accepted_entity_kinds: z.optional(strings),
        accepted_domain_kinds: z.optional(strings),
        required_column_sets: z.optional(list(strings)),
        accepted_formats: z.optional(list(FORMATS, { min: 1 })),
        min_rows: z.optional(integer({ min: 0 })),
        max_rows: z.optional(integer({ min: 1 })),
        required_columns: z.optional(strings),
        supported_formats: z.optional(list(FORMATS)),
        pack_access: z.optional(z.boolean()),
      }),
    ),
    inputs: z.optional(
      z.nullable(
        z.looseObject({ properties: z.optional(z.record(z.string(), z.union([z.boolean(), role]))) }),
      ),
    ),
    ui: z.optional(
      z
        .looseObject({
          framework: z.optional(z.string()),
          buildCommand: z.optional(text({ min: 1 })),
          distPath: z.optional(text({ min: 1 })),
          bucket: z.optional(z.string()),
          bundleKey: z.optional(z.string()),
          keys: z.optional(strings),
        })
        .check(without('runtime', 'protocol', 'frame')),
    ),
    mcp: z.optional(z.looseObject({ tools: z.optional(list(tool, { max: 50 })) })),
  })
  .check(without('dataContextBindings', 'data_context_bindings'));
