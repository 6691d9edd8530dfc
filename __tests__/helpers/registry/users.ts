/** The name of the user whose password this Authorization header holds; undefined for any other. */
export function readBasic(
  header: string | undefined,
  users: Readonly<Record<string, string>>,
): string | undefined {
  const match = /^basic (\S+)$/i.exec(header ?? '');
  const [name = '', ...rest] = Buffer.from(match?.[1] ?? '', 'base64')
    .toString()
    .split(':');
  return Object.hasOwn(users, name) && users[name] === rest.join(':') ? name : undefined;
}
