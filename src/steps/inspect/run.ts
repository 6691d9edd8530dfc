export { type AttestedFindings, attestedFindings, type ScanScope } from './attested.ts';
export { createInspector, type Inspected, type Inspector } from './inspector.ts';
export { readInspection } from './kept.ts';
export { type KnownSbom, writeKnownSboms } from './known-sboms.ts';
export { type DatabaseRequest, prepareDatabase, type ScanCache } from './prepare-database.ts';
export type { ScanRequest } from './scan.ts';
export { type SourceFindings, scanSources } from './sources.ts';
