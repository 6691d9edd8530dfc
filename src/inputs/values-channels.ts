import * as z from 'zod/mini';
import { matching, parsed } from './values.ts';

/** Of at most 100 characters, because its record has the tag `_channel-` and the name. */
const NAME = /^[A-Za-z][\w.-]{0,99}$/;
/** Tags with a meaning of their own. */
const RESERVED = /^(?:v\d.*|sha-.*|pr-\d+|nightly-\d.*|previous)$/;

export function channelName() {
  return parsed('the name of a channel such as prod or nightly', (text) =>
    NAME.test(text) && !RESERVED.test(text) ? text : undefined,
  );
}

/** Of a branch or a tag; the star is the only wildcard. https://git-scm.com/docs/git-check-ref-format */
export function refPattern(example: string) {
  return matching(
    `a name such as ${example}, in which only * stands for any text`,
    /^(?!refs\/)[^\s~^:?[\\!\p{Cc}\p{Cs}]{1,250}$/u,
  );
}

export function wholeNumber(least: number, most: number) {
  const form = `a whole number from ${least} to ${most}`;
  return z.int(form).check(z.gte(least, form), z.lte(most, form));
}

/** https://www.rfc-editor.org/rfc/rfc6838#section-4.2 */
export function mediaType() {
  const name = '[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}';
  return matching(
    'a media type such as application/vnd.acme.metadata.v1+json',
    new RegExp(`^${name}/${name}$`),
  );
}

/** One line that people read, kept in records. */
export function sentence() {
  return matching('one line of at most 500 visible characters', /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,500}$/u);
}

/** Of GitHub. https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments */
export function environmentName() {
  return matching(
    'the name of an environment of GitHub: one line of at most 255 visible characters',
    /^(?!\.{1,2}$)[^\p{C}\p{Zl}\p{Zp}]{1,255}$/u,
  );
}
