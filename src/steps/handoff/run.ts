export { checkHandoffs, concerns, type JudgedHandoff } from './check.ts';
export { HANDOFF } from './document.ts';
export { type ReadHandoff, readHandoffs } from './read.ts';
export { takeReports } from './reports.ts';
export { readBundle, signHandoff } from './sign.ts';
export { HANDOFF_PREDICATE } from './statement.ts';
export { besidePath, type HandoffDraft, type WrittenHandoff, writeHandoff } from './write.ts';
