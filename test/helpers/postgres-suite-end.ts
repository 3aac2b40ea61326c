export { stop as default } from './postgres-suite.ts';
