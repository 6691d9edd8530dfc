import type * as z from 'zod/mini';

/** The value, in the form of the schema. Throws a plain Error that says where it first is in another; `of` stands before that. */
export function inForm<T extends z.ZodMiniType>(schema: T, value: unknown, of = ''): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${of}${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not in its form'}`);
}
