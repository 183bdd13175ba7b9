#!/usr/bin/env node
process.argv.splice(2, 0, 'eval');
await import('../src/cli/main.ts');
