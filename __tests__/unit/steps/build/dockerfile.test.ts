import { describe, expect, it } from '@jest/globals';
import { runOnTarget } from '../../../../src/steps/build/dockerfile.ts';

const none = { replaced: new Set<string>() };

describe('a RUN that needs the platform it builds for', () => {
  it.each<[string, string, string]>([
    ['on a base image', 'FROM alpine:3\nRUN apk add curl\n', 'RUN apk add curl'],
    ['in a stage it is based on', 'FROM alpine AS a\nRUN x\nFROM a\nCOPY b /\n', 'RUN x'],
    ['in a stage it copies from', 'FROM alpine AS a\nRUN x\nFROM scratch\nCOPY --from=a /x /x\n', 'RUN x'],
    ['by number', 'FROM alpine\nRUN x\nFROM scratch\nCOPY --from=0 /x /x\n', 'RUN x'],
    ['by a mount', 'FROM alpine AS a\nRUN x\nFROM debian\nRUN --mount=type=bind,from=a cp\n', 'RUN x'],
    ['over several lines', '# a\nFROM alpine\nRUN a && \\\n  # why\n  b\n', 'RUN a &&    b'],
    ['after a here-document', 'FROM alpine\nCOPY <<EOF /f\nRUN no\nEOF\nRUN yes\n', 'RUN yes'],
    ['told so', 'FROM --platform=$TARGETPLATFORM alpine\nRUN x\n', 'RUN x'],
    ["in Docker's own syntax", '# syntax=docker/dockerfile:1\nFROM alpine\nrun x\n', 'run x'],
  ])('is found %s', (_, text, expected) => {
    expect(runOnTarget(text, none)).toBe(expected);
  });

  it.each<[string, string]>([
    ['it only copies', 'FROM alpine\nCOPY a /\n'],
    [
      'it is cross-compiled',
      'FROM --platform=$BUILDPLATFORM golang AS b\nRUN go build\nFROM b AS c\nRUN y\nFROM scratch\nCOPY --from=c /x /\n',
    ],
    ['the stage is not needed', 'FROM alpine AS test\nRUN x\nFROM alpine\nCOPY a /\n'],
    ['who knows what is in it', 'FROM scratch\nCOPY sh /bin/sh\nRUN x\n'],
    ['who knows what it is', 'ARG B=x\nFROM $B\nRUN x\n'],
    ['the platform is another', 'FROM --platform=linux/amd64 alpine\nRUN x\n'],
    ['it is another language', '# syntax=example.com/other\nFROM alpine\nRUN x\n'],
    ['it has another escape', '# escape=`\nFROM alpine\nRUN x\n'],
    ['it is empty', ''],
  ])('is not claimed where %s', (_, text) => {
    expect(runOnTarget(text, none)).toBeUndefined();
  });

  it('is looked for in the stage that is built, and not in what a named context replaces', () => {
    const text = 'FROM alpine AS a\nRUN x\nFROM alpine AS b\nCOPY c /\n';
    expect(runOnTarget(text, { ...none, target: 'A' })).toBe('RUN x');
    expect(runOnTarget(text, { ...none, target: 'b' })).toBeUndefined();
    expect(runOnTarget('FROM alpine\nRUN x\n', { replaced: new Set(['alpine']) })).toBeUndefined();
    const child = 'FROM alpine AS a\nRUN x\nFROM scratch\nCOPY --from=a /x /\n';
    expect(runOnTarget(child, { replaced: new Set(['a']) })).toBeUndefined();
  });
});
