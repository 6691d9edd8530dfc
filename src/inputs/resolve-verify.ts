import type { IdentityInputs, VerifyInputs } from '../model/inputs.ts';
import { parseReference } from '../model/reference.ts';
import { type Expected, REQUIREMENTS } from '../model/verification.ts';
import type { Door } from './door.ts';
import { FIELDS } from './fields.ts';
import { show } from './text.ts';

/** What is verified, and whose evidence counts. */
export function resolveVerify(door: Door): VerifyInputs {
  const subjects = door.read(FIELDS.subject) ?? [];
  return {
    subjects: [...new Set(subjects)].flatMap((text) => parseReference(text) ?? []),
    identity: readIdentity(door),
    require: readRequire(door),
  };
}

function readIdentity(door: Door): IdentityInputs {
  const repository = either(
    door,
    'identity-repository-regexp',
    door.read(FIELDS['identity-repository']),
    door.read(FIELDS['identity-repository-regexp']),
  );
  const workflow = either(
    door,
    'identity-workflow-regexp',
    door.read(FIELDS['identity-workflow']),
    door.read(FIELDS['identity-workflow-regexp']),
  );
  const ref = either(
    door,
    'identity-ref-regexp',
    door.read(FIELDS['identity-ref']),
    door.read(FIELDS['identity-ref-regexp']),
  );
  const issuer = either(
    door,
    'identity-issuer-regexp',
    door.read(FIELDS['identity-issuer']),
    door.read(FIELDS['identity-issuer-regexp']),
  );
  return {
    ...(repository === undefined ? {} : { repository }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(ref === undefined ? {} : { ref }),
    ...(issuer === undefined ? {} : { issuer }),
  };
}

type Pattern =
  | 'identity-repository-regexp'
  | 'identity-workflow-regexp'
  | 'identity-ref-regexp'
  | 'identity-issuer-regexp';

function either(
  door: Door,
  name: Pattern,
  exact: string | undefined,
  pattern: string | undefined,
): Expected | undefined {
  const plain = name.slice(0, -'-regexp'.length);
  if (exact !== undefined && pattern !== undefined)
    door.refuse(name, `${show(pattern)} cannot stand beside \`${plain}\``);
  if (exact !== undefined) return { kind: 'exact', value: exact };
  return pattern === undefined ? undefined : { kind: 'regexp', value: pattern };
}

function readRequire(door: Door): VerifyInputs['require'] {
  const asked = door.read(FIELDS.require) ?? [...REQUIREMENTS];
  if (asked.includes('none') && new Set(asked).size > 1)
    door.refuse('require', '"none" cannot stand beside other evidence');
  return REQUIREMENTS.filter((each) => asked.includes(each));
}
