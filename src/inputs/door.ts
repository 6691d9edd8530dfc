import type { Problem } from '../model/errors.ts';
import type { Field } from './field.ts';
import { type InputName, isInputName } from './names.ts';
import { problemAt, readField, type Written } from './read.ts';

/** Everything that was written, by input: the workflow's value where workflow and config both give one. */
export type WrittenInputs = ReadonlyMap<InputName, Written>;

/** Reads one input after the other and keeps everything that is wrong, so that all of it is reported at once. */
export type Door = {
  readonly problems: Problem[];
  readonly warnings: string[];
  readonly written: WrittenInputs;
  given(name: InputName): boolean;
  /** The checked value; undefined when it is not given or wrong. */
  read<T>(field: Field<T>): T | undefined;
  /** A problem with a value that was given; without one there is nothing to complain about. */
  refuse(name: InputName, message: string): void;
  refuseAt(written: Written | undefined, message: string): void;
  warn(message: string): void;
};

export function openDoor(written: WrittenInputs, problems: Problem[], warnings: string[]): Door {
  const refuseAt = (place: Written | undefined, message: string) => {
    if (place !== undefined) problems.push(problemAt(place, message));
  };
  return {
    problems,
    warnings,
    written,
    given: (name) => written.has(name),
    read: (field) =>
      readField(field, isInputName(field.name) ? written.get(field.name) : undefined, problems),
    refuse: (name, message) => refuseAt(written.get(name), message),
    refuseAt,
    warn: (message) => warnings.push(message),
  };
}
