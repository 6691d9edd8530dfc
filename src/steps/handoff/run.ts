export { checkHandoffs, type JudgedHandoff } from './check.ts';
export { HANDOFF } from './document.ts';
export { type ReadHandoff, readHandoffs } from './read.ts';
export { besidePath, type HandoffDraft, type WrittenHandoff, writeHandoff } from './write.ts';
