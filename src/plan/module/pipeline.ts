import { computeType } from './security-6.ts';
import { error, type Rule, warning } from './subject.ts';

export const HANDLER = 'backend/handler.py';

/** What a module of the compute type pipeline brings with it (generation 6). */
export const pipeline: Rule = ({ manifest, has, text }) => {
  if (computeType(manifest) !== 'pipeline') return [];
  if (!has('pipeline'))
    return [
      error('pipeline.dir_missing', '/pipeline', {
        message: 'A module of the compute type pipeline has no folder pipeline.',
        suggestion: 'Create pipeline/ with main.nf.',
      }),
    ];
  const handler = text(HANDLER);
  const source = handler === undefined || 'fault' in handler ? '' : handler.text;
  return [
    ...(has('pipeline/main.nf')
      ? []
      : [
          error('pipeline.main_nf_missing', '/pipeline/main.nf', {
            message: 'A module of the compute type pipeline has no file pipeline/main.nf.',
            suggestion: 'Create it with the workflow.',
          }),
        ]),
    ...(has('pipeline/nextflow_schema.json')
      ? []
      : [
          warning('pipeline.schema_missing', '/pipeline/nextflow_schema.json', {
            message:
              'The pipeline has no nextflow_schema.json, so the platform shows no form for its parameters.',
            suggestion: 'Add a schema in the form of nf-core.',
          }),
        ]),
    ...(handler === undefined || source.includes('@pipeline_module.handler')
      ? []
      : [
          warning('pipeline.handler_decorator_missing', `/${HANDLER}`, {
            message: `${HANDLER} does not use @pipeline_module.handler.`,
            suggestion: 'Import pipeline_module of the SDK, and decorate the handler.',
          }),
        ]),
  ];
};
