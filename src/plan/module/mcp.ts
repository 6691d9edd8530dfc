import type { ModuleIssue } from '../../model/module.ts';
import { contractFault } from './contract.ts';
import { error, type Rule } from './subject.ts';
import { isObject, isTruthy, member, strip } from './values.ts';

const ENTRYPOINT = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$/;

/** The tools that a module shows to language models (generation 6), beyond what the schema says of them. */
export const mcp: Rule = ({ manifest }) => {
  const tools = member(member(manifest, 'mcp'), 'tools');
  if (!Array.isArray(tools)) return [];
  const name = member(manifest, 'name');
  const own = hostedName(isTruthy(name) ? String(name) : '');
  const seen = new Set<string>();
  return tools.flatMap((tool: unknown, index) => {
    if (!isObject(tool)) return [];
    const pointer = `/mcp/tools/${index}`;
    return [
      ...nameIssues(member(tool, 'name'), pointer, own, seen),
      ...entrypointIssues(member(tool, 'entrypoint'), pointer),
      ...schemaIssues(tool, pointer),
    ];
  });
};

function nameIssues(name: unknown, tool: string, own: string, seen: Set<string>): readonly ModuleIssue[] {
  if (typeof name !== 'string') return [];
  const hosted = hostedName(name);
  const isTaken = seen.has(hosted);
  seen.add(hosted);
  const suggestion = `Give every tool a name that differs in its first ${HOSTED_LENGTH} characters.`;
  return [
    ...(hosted === own
      ? [
          error('mcp.tool_name_conflicts_with_module', `${tool}/name`, {
            message: `The platform would call this tool like the module itself: ${hosted}`,
            suggestion,
          }),
        ]
      : []),
    ...(isTaken
      ? [
          error('mcp.tool_name_duplicate', `${tool}/name`, {
            message: `The platform would call two tools by one name: ${hosted}`,
            suggestion,
          }),
        ]
      : []),
  ];
}

function entrypointIssues(entrypoint: unknown, tool: string): readonly ModuleIssue[] {
  if (typeof entrypoint !== 'string' || ENTRYPOINT.test(entrypoint)) return [];
  return [
    error('mcp.entrypoint_invalid', `${tool}/entrypoint`, {
      message: `The entrypoint of a tool is not module.path:function: ${entrypoint}`,
    }),
  ];
}

function schemaIssues(tool: unknown, pointer: string): readonly ModuleIssue[] {
  if (!isObject(tool) || !Object.hasOwn(tool, 'inputSchema')) return [];
  const { inputSchema } = tool;
  const fault = contractFault(inputSchema, { objectRoot: false });
  if (fault !== undefined)
    return [
      error('mcp.input_schema_invalid', `${pointer}/inputSchema`, {
        message: `The inputSchema of a tool cannot be used: ${fault}`,
      }),
    ];
  if (member(inputSchema, 'type') === 'object') return [];
  return [
    error('mcp.input_schema_not_object', `${pointer}/inputSchema/type`, {
      message: 'The inputSchema of a tool has to be of the type object.',
    }),
  ];
}

/** What is left of 64 characters when the platform has put the identity of the module behind the name. */
const HOSTED_LENGTH = 30;

function hostedName(name: string): string {
  const plain = strip(name)
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return plain.slice(0, HOSTED_LENGTH).replace(/_+$/, '') || 'module';
}
