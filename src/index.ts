import { main } from './main.ts';

void main().then((code) => process.exit(code));
